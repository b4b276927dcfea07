package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Secret is what an endpoint and a sender share. However it is printed or logged, it
// does not show; [Secret.Reveal] does. It is behind a func because no printer looks
// into one.
type Secret struct{ key func() []byte }

const prefix = "whsec_"

// NewSecret makes a secret of 256 random bits.
func NewSecret() Secret {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it does not fail
	return Secret{func() []byte { return key }}
}

// ParseSecret reads a secret: whsec_ and 24 to 64 bytes in base64.
func ParseSecret(text string) (Secret, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, prefix))
	if err != nil || len(key) < 24 || len(key) > 64 || !strings.HasPrefix(text, prefix) {
		return Secret{}, errors.New("webhook: want a secret of whsec_ and 24 to 64 bytes in base64")
	}
	return Secret{func() []byte { return key }}, nil
}

// Reveal returns the secret itself, for the receiver; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.key == nil {
		return ""
	}
	return prefix + base64.StdEncoding.EncodeToString(s.key())
}

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (Secret) GoString() string { return "webhook.Secret{}" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// mac is the signature of a message, without its version.
func (s Secret) mac(id, timestamp string, body []byte) []byte {
	m := hmac.New(sha256.New, s.key())
	m.Write([]byte(id + "." + timestamp + "."))
	m.Write(body)
	return m.Sum(nil)
}

// Sign sets the headers of a message: each secret signs.
func Sign(h http.Header, secrets []Secret, id string, at time.Time, body []byte) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	var list []string
	for _, s := range secrets {
		list = append(list, "v1,"+base64.StdEncoding.EncodeToString(s.mac(id, timestamp, body)))
	}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", timestamp)
	h.Set("webhook-signature", strings.Join(list, " "))
}

// ErrNotSigned says that a message is not one of the sender's, or is too old or of the
// future.
var ErrNotSigned = errors.New("webhook: the message is not signed with the secret, or not of this time")

// tolerance is how far the clocks may differ, and how long a message may be on its way.
const tolerance = 5 * time.Minute

// mostSignatures is how many signatures of a message are looked at.
const mostSignatures = 16

// Verify is the receiver's side: it looks whether a message, with its body as it came,
// was signed with one of the secrets within the last five minutes. Everything else is
// [ErrNotSigned]. Remember webhook-id for at least as long, and drop what came before.
func Verify(h http.Header, body []byte, now time.Time, secrets ...Secret) error {
	id, timestamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if at := time.Unix(seconds, 0); err != nil || id == "" || now.Sub(at) > tolerance || at.Sub(now) > tolerance {
		return ErrNotSigned
	}
	list := strings.Fields(h.Get("webhook-signature"))
	for _, text := range list[:min(len(list), mostSignatures)] {
		version, mac, _ := strings.Cut(text, ",")
		got, err := base64.StdEncoding.DecodeString(mac)
		if version != "v1" || err != nil {
			continue
		}
		for _, s := range secrets {
			if s.key != nil && hmac.Equal(got, s.mac(id, timestamp, body)) {
				return nil
			}
		}
	}
	return ErrNotSigned
}
