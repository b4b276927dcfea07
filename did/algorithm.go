package did

import "crypto"

// An Algorithm is what a key signs with. The zero Algorithm is not one, and no key
// is of it.
type Algorithm uint8

// The algorithms.
const (
	Ed25519 Algorithm = 1 + iota // EdDSA over edwards25519 (RFC 8032), neither pre-hashed nor with a context
)

// algorithms is the table of everything that this package knows about each
// algorithm: whoever adds one adds a row here and a file with its functions.
var algorithms = [...]algorithm{
	Ed25519: ed25519Algorithm,
}

// algorithm is one row of the table.
type algorithm struct {
	name string // as people write it

	// Sizes in bytes.
	publicBytes, secretBytes, signatureBytes int

	// Multikey (Controlled Identifiers 1.0, section 2.2.2): multicodec names
	// and their headers, as varints.
	codec, secretCodec   string
	header, secretHeader string
	// method is a type of verification method, older than Multikey, whose
	// publicKeyMultibase is a key of this algorithm. "" if there is none.
	method string

	// JSON Web Key and JSON Web Signature. The first name of jose is written
	// as alg; each of them is read in a key.
	kty, crv string
	jose     []string

	// DER in front of the key: SubjectPublicKeyInfo and PKCS#8.
	spki, pkcs8 string

	// check refuses a public key of the right size that no honest party has.
	check func(key string) error
	// verify reports whether sig is the signature of msg. The key was checked;
	// sig may have any size.
	verify func(key string, msg, sig []byte) bool

	// public and standard go from the type of package crypto to the bytes of a
	// key and back. ok is false for a key of another algorithm.
	public   func(key crypto.PublicKey) (raw []byte, ok bool)
	standard func(raw []byte) crypto.PublicKey
	// secret and private do the same for private keys. secret refuses a private
	// key whose halves do not belong together.
	secret  func(key crypto.Signer) (raw []byte, ok bool, err error)
	private func(raw []byte) crypto.Signer
}

// row returns the row of a; nil for the zero Algorithm and unknown ones.
func (a Algorithm) row() *algorithm {
	if a == 0 || int(a) >= len(algorithms) {
		return nil
	}
	return &algorithms[a]
}

// Algorithms lists every algorithm.
func Algorithms() []Algorithm {
	list := make([]Algorithm, 0, len(algorithms))
	for a := range algorithms {
		if a > 0 {
			list = append(list, Algorithm(a))
		}
	}
	return list
}

// String returns the name, such as "Ed25519"; "none" for the zero Algorithm.
func (a Algorithm) String() string {
	if row := a.row(); row != nil {
		return row.name
	}
	return "none"
}

// JOSE returns the name that the header alg of a JSON Web Signature has for a,
// such as "EdDSA"; "" for the zero Algorithm.
func (a Algorithm) JOSE() string {
	if row := a.row(); row != nil {
		return row.jose[0]
	}
	return ""
}

// SignatureBytes returns the size of a signature, such as 64; 0 for the zero
// Algorithm.
func (a Algorithm) SignatureBytes() int {
	if row := a.row(); row != nil {
		return row.signatureBytes
	}
	return 0
}

// findAlgorithm returns the first algorithm whose row fits; 0 if none does.
func findAlgorithm(fits func(*algorithm) bool) Algorithm {
	for a := 1; a < len(algorithms); a++ {
		if fits(&algorithms[a]) {
			return Algorithm(a)
		}
	}
	return 0
}

// names lists something of every row, for messages that say what is accepted.
func names(of func(*algorithm) string) string {
	text := ""
	for a := 1; a < len(algorithms); a++ {
		name := of(&algorithms[a])
		switch {
		case name == "":
		case text == "":
			text = name
		default:
			text += " or " + name
		}
	}
	return text
}
