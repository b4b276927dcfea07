package did

import (
	"fmt"
	"strings"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// refuseSecrets refuses a document that publishes a private key, in any
// object, whatever its type. Whoever published it has to make a new key; a
// verifier that went on would hide that from them. A JSON-LD context defines
// names, those of secrets among them, and has no data.
func refuseSecrets(v strictjson.Value) error {
	for name, member := range v.Members() {
		if name == "@context" {
			continue
		}
		if isSecret(v, name) {
			// The path only: what is there must not reach a log.
			return fmt.Errorf("%w: %s is private key material in a public document", ErrKey, member.Path())
		}
		if err := refuseSecrets(member); err != nil {
			return err
		}
	}
	for item := range v.Items() {
		if err := refuseSecrets(item); err != nil {
			return err
		}
	}
	return nil
}

func isSecret(object strictjson.Value, name string) bool {
	switch name {
	case "d": // RFC 7518 and RFC 8037: the private half of EC, RSA and OKP keys
		return object.Get("kty").Exists()
	case "k": // the whole of a symmetric key
		return object.Get("kty").Str() == "oct"
	}
	// secretKeyMultibase, secretKeyJwk, privateKeyMultibase, privateKeyBase58, …
	return strings.HasPrefix(name, "secretKey") || strings.HasPrefix(name, "privateKey")
}
