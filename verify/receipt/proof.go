package receipt

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/passport"
)

const (
	proofHeader     = "c2sp.org/tlog-proof@v1"
	maxProofBytes   = 256 << 10 // 16 witnesses, as signed-note wants, whose signatures have 5 kB
	maxProofHashes  = 64
	consistencyHead = "safeconduct/consistency@v1"
)

// Proof shows that a receipt is in a log: its place, the hashes on the way to
// the root, and a checkpoint with that root. It is text in the form of C2SP
// tlog-proof, which existing tools read.
type Proof struct {
	Index      int64
	Hashes     tlog.RecordProof
	Checkpoint string // the signed note
}

// Prove returns a proof that the receipt at a place is in the log, with a
// checkpoint of the log as it is now. ErrNotFound if there is none.
func (l *Log) Prove(ctx context.Context, index int64) (*Proof, error) {
	if ctx == nil {
		return nil, callctx.ErrNil
	}
	v := l.view()
	if index < 0 || index >= v.edge.size {
		return nil, fmt.Errorf("%w: the log has %d receipts, none at %d", ErrNotFound, v.edge.size, index)
	}
	hashes, err := tlog.ProveRecord(v.edge.size, index, v.hashes())
	if err != nil {
		return nil, damage("proving entry %d: %w", index, err)
	}
	c, err := l.signTree(ctx, v.tree())
	if err != nil {
		return nil, err
	}
	return &Proof{Index: index, Hashes: hashes, Checkpoint: c.Text}, nil
}

// MarshalText writes the proof in the form of C2SP tlog-proof.
func (p *Proof) MarshalText() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Hashes {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n" + p.Checkpoint)
	return []byte(b.String()), nil
}

// UnmarshalText reads a proof, and proves nothing. Extra data of other systems
// is passed over.
func (p *Proof) UnmarshalText(text []byte) error {
	*p = Proof{}
	if len(text) > maxProofBytes {
		return fault("%d bytes, a proof has at most %d", len(text), maxProofBytes)
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != proofHeader {
		return fault("a proof begins with the line %s, and has an empty line before its checkpoint", proofHeader)
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return fault("a proof has a line with the index")
	}
	number := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != number {
		return fault("the index %.40q is not a whole number", number)
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	*p = Proof{Index: index, Hashes: hashes, Checkpoint: checkpoint}
	return nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	if len(lines) > maxProofHashes {
		return nil, fault("%d hashes, a proof has at most %d", len(lines), maxProofHashes)
	}
	var out []tlog.Hash
	for _, line := range lines {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize || base64.StdEncoding.EncodeToString(raw) != line {
			return nil, fault("%.60q is not a hash of 32 bytes in base64", line)
		}
		out = append(out, tlog.Hash(raw))
	}
	return out, nil
}

// Trust says whose receipts and which log a reader believes, and what the decision
// must be about. Verifier, Resolver and LogKey are needed.
type Trust struct {
	Verifier did.DID      // whose decisions
	Resolver did.Resolver // finds its key; did.KeyMethods(), a trust bundle, …
	LogKey   string       // the verifier key of the log; see [Log.Key]

	// Intent is the digest of the intent that the decision must be about: an agent has it
	// from what it presented, by [IntentOf]. A receipt of a refusal before the intent was
	// proven names none, and is refused. Empty: any intent. Then a receipt proves that
	// the verifier decided so, but not about what.
	Intent string
	// Request is the digest of the question that the verifier was asked, of its
	// verify.Request.Digest, which every receipt has. Empty: any question.
	Request string
}

// Verify proves without any network that a verifier sealed a receipt and that
// the receipt is in its log, and returns what it says. It is safe for concurrent use.
// Errors are ErrInvalid.
func Verify(ctx context.Context, receipt, proof []byte, t Trust) (Statement, error) {
	if t.Resolver == nil || t.LogKey == "" || t.Verifier.IsZero() {
		return Statement{}, fault("Trust needs a Verifier, a Resolver and a LogKey")
	}
	r, err := Parse(receipt)
	if err != nil {
		return Statement{}, err
	}
	var p Proof
	if err := p.UnmarshalText(proof); err != nil {
		return Statement{}, err
	}
	c, err := OpenCheckpoint([]byte(p.Checkpoint), t.LogKey)
	if err != nil {
		return Statement{}, err
	}
	if p.Index >= c.Size {
		return Statement{}, fault("entry %d is not in a log of %d", p.Index, c.Size)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(receipt)); err != nil {
		return Statement{}, fault("the receipt is not entry %d of the log: %w", p.Index, err)
	}
	says, err := r.Check(ctx, t.Verifier, t.Resolver)
	if err != nil {
		return Statement{}, err
	}
	for _, c := range []struct{ what, has, want string }{
		{"intent", says.Evidence.Intent, t.Intent}, {"request", says.Evidence.Request, t.Request},
	} {
		switch {
		case c.want == "" || c.has == c.want:
		case c.has == "":
			return Statement{}, fault("the receipt names no %s, want %.80q: the decision did not get so far",
				c.what, c.want)
		default:
			return Statement{}, fault("the receipt is about another %s: %s, want %.80q", c.what, c.has, c.want)
		}
	}
	return says, nil
}

// IntentOf returns the digest of the intent in what an agent presented, for
// [Trust].Intent. It proves nothing of it. Other formats than Data Integrity are read if
// they are named. Errors are ErrInvalid.
func IntentOf(presented []byte, formats ...credential.Format) (string, error) {
	p, err := credential.ParsePresentation(presented, formats...)
	if err != nil {
		return "", fault("what was presented: %w", err)
	}
	in := p.Unverified().Member("intent")
	if !in.Exists() {
		return "", fault("what was presented has no intent")
	}
	return passport.IntentContent(in), nil
}

// ProveConsistency returns a proof that the log as it is now begins with
// everything that it had at an earlier checkpoint. If it does not, or if the
// checkpoint is of another log, the error is ErrInvalid.
func (l *Log) ProveConsistency(ctx context.Context, old *Checkpoint) ([]byte, *Checkpoint, error) {
	if ctx == nil {
		return nil, nil, callctx.ErrNil
	}
	v := l.view()
	if old == nil || old.Size < 0 || old.Size > v.edge.size {
		return nil, nil, fault("want a checkpoint of 0 to %d receipts", v.edge.size)
	}
	if old.Origin != l.o.Origin {
		return nil, nil, fault("the checkpoint is of the log %.80q, this is %q", old.Origin, l.o.Origin)
	}
	root, err := tlog.TreeHash(old.Size, v.hashes())
	if err != nil {
		return nil, nil, damage("proving consistency: %w", err)
	}
	if root != tlog.Hash(old.Root) {
		return nil, nil, fault("the log had the root %s with %d receipts, the checkpoint has %s: two histories",
			root, old.Size, tlog.Hash(old.Root))
	}
	var hashes tlog.TreeProof
	if old.Size > 0 { // everything begins with nothing
		if hashes, err = tlog.ProveTree(v.edge.size, old.Size, v.hashes()); err != nil {
			return nil, nil, damage("proving consistency: %w", err)
		}
	}
	c, err := l.signTree(ctx, v.tree())
	if err != nil {
		return nil, nil, err
	}
	return consistencyText(hashes), c, nil
}

func consistencyText(hashes tlog.TreeProof) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", consistencyHead)
	for _, h := range hashes {
		b.WriteString(h.String() + "\n")
	}
	return []byte(b.String())
}

// VerifyConsistency proves that the newer of two checkpoints of one log has
// everything that the older had, unchanged and in the same order. Both must
// have been opened by [OpenCheckpoint].
func VerifyConsistency(older, newer *Checkpoint, proof []byte) error {
	switch {
	case older == nil || newer == nil || older.Text == "" || newer.Text == "":
		return fault("want two checkpoints that were opened")
	case older.Origin != newer.Origin:
		return fault("the checkpoints are of two logs, %q and %q", older.Origin, newer.Origin)
	case older.Size > newer.Size:
		return fault("the newer checkpoint has %d receipts, the older %d", newer.Size, older.Size)
	case older.Size == newer.Size:
		if older.Root != newer.Root {
			return fault("two checkpoints of %d receipts have different roots: the log shows two histories", older.Size)
		}
		return nil
	case older.Size == 0:
		return nil // everything begins with nothing
	case len(proof) > maxProofBytes:
		return fault("%d bytes, a proof has at most %d", len(proof), maxProofBytes)
	}
	lines := strings.Split(strings.TrimSuffix(string(proof), "\n"), "\n")
	if lines[0] != consistencyHead {
		return fault("a proof of consistency begins with the line %s", consistencyHead)
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fault("the newer log does not begin with the older one: %w", err)
	}
	return nil
}
