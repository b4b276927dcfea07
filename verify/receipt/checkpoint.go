package receipt

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/did"
)

// Checkpoint is what a log says of itself at one size. See C2SP
// tlog-checkpoint.
type Checkpoint struct {
	Origin string // the name of the log
	Size   int64  // how many receipts it has
	Root   [32]byte
	Text   string // the signed note
}

// CheckLogKey reports whether a text has the form of a log's key; see [Log.Key].
func CheckLogKey(key string) error {
	if _, err := note.NewVerifier(key); err != nil {
		return fault("the key of the log: %w", err)
	}
	return nil
}

// OpenCheckpoint reads a checkpoint and checks that the log signed it. The key
// is a verifier key of C2SP signed-note, as [Log.Key] returns it; it names the
// log. There may be signatures of others, too, such as witnesses.
func OpenCheckpoint(text []byte, key string) (*Checkpoint, error) {
	v, err := note.NewVerifier(key)
	if err != nil {
		return nil, fault("the key of the log: %w", err)
	}
	n, err := note.Open(text, note.VerifierList(v))
	if err != nil {
		return nil, fault("the checkpoint is not signed by %s: %w", v.Name(), err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return nil, err
	}
	if c.Origin != v.Name() {
		return nil, fault("the checkpoint is of the log %.80q, want %q", c.Origin, v.Name())
	}
	c.Text = string(text)
	return c, nil
}

// parseCheckpoint reads the text of the note: origin, size, root, and perhaps
// lines of extensions.
func parseCheckpoint(text string) (*Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[0] == "" {
		return nil, fault("a checkpoint has an origin, a size and a root, a line each")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fault("the size %.40q is not a whole number", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return nil, fault("the root %.60q is not 32 bytes in base64", lines[2])
	}
	if empty, _ := tlog.TreeHash(0, nil); size == 0 && empty != tlog.Hash(root) {
		return nil, fault("a log without a receipt has the root %s, not %s", empty, lines[2])
	}
	if strings.Contains("\n"+lines[3], "\n\n") {
		return nil, fault("a checkpoint has no empty lines")
	}
	return &Checkpoint{Origin: lines[0], Size: size, Root: [32]byte(root)}, nil
}

func checkpointText(origin string, tree tlog.Tree) string {
	return origin + "\n" + strconv.FormatInt(tree.N, 10) + "\n" + tree.Hash.String() + "\n"
}

// noteSigner lets a did.Signer sign notes, so that the key of a log may be in
// a KMS.
type noteSigner struct {
	ctx    context.Context // of one call of note.Sign, which has none
	name   string
	hash   uint32
	signer did.Signer
}

func (s noteSigner) Name() string    { return s.name }
func (s noteSigner) KeyHash() uint32 { return s.hash }

func (s noteSigner) Sign(msg []byte) ([]byte, error) { return s.signer.Sign(s.ctx, msg) }

// noteKeyHash is the hash by which a note names an Ed25519 key.
func noteKeyHash(name string, key ed25519.PublicKey) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n\x01"))
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// checkOrigin accepts the name of a log: what may be the name of a key in a
// signed note.
func checkOrigin(name string) error {
	cannot := func(r rune) bool { return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r) }
	if name == "" || len(name) > 256 || !utf8.ValidString(name) || strings.ContainsFunc(name, cannot) {
		return fmt.Errorf("receipt: %.80q is not the name of a log: want a host and a path such as shop.example/receipts, without spaces or +", name)
	}
	return nil
}
