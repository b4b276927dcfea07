package verifyhttp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/safeconduct/safeconduct/verify"
)

// Header fields of receipts. A client that wants one says so, because a proxy in
// between may not pass on so long a field: nginx takes 4 or 8 KiB of header unless
// proxy_buffer_size says more.
const (
	HeaderReceipt     = "Agent-Receipt"      // on an answer: the receipt and its proof
	HeaderWantReceipt = "Want-Agent-Receipt" // on a request: ?1
)

// maxReceiptField is the longest Agent-Receipt that is sent and read, in bytes. A
// receipt with its proof has two to four thousand.
const maxReceiptField = 48 << 10

// Receipt is what a verifier says that it decided, as it came with an answer. Its
// bytes are what receipt.Verify of package verify/receipt takes; nothing of them
// is proven before.
type Receipt struct {
	Text  []byte // the sealed decision
	Proof []byte // that the verifier's log has it; nil if none came
}

// ErrNoReceipt says that an answer has no receipt: the client did not ask for
// one, or the server keeps none of this decision.
var ErrNoReceipt = errors.New("verifyhttp: the answer has no receipt")

// ReadReceipt takes the receipt out of the header of an answer. It fails with
// [ErrNoReceipt] if there is none. It proves nothing.
func ReadReceipt(h http.Header) (Receipt, error) {
	lines := h.Values(HeaderReceipt)
	if len(lines) == 0 {
		return Receipt{}, ErrNoReceipt
	}
	bad := func(what string) (Receipt, error) {
		return Receipt{}, fmt.Errorf("verifyhttp: %s: %s", HeaderReceipt, what)
	}
	switch {
	case len(lines) > 1:
		return bad("the field is there more than once")
	case len(lines[0]) > maxReceiptField:
		return bad(fmt.Sprintf("%d bytes, at most %d are read", len(lines[0]), maxReceiptField))
	}
	text, params, ok := cutBytes(lines[0])
	if !ok || len(text) == 0 {
		return bad("want a byte sequence of RFC 9651, :base64:")
	}
	r := Receipt{Text: text}
	if params == "" {
		return r, nil
	}
	value, ok := strings.CutPrefix(strings.TrimLeft(strings.TrimPrefix(params, ";"), " "), "proof=")
	if !ok || params[0] != ';' {
		return bad("want no parameter but proof")
	}
	if r.Proof, params, ok = cutBytes(value); !ok || params != "" || len(r.Proof) == 0 {
		return bad("want a byte sequence as proof")
	}
	return r, nil
}

// cutBytes reads a byte sequence at the beginning of a field, in its one spelling.
func cutBytes(s string) (value []byte, rest string, ok bool) {
	body, found := strings.CutPrefix(s, ":")
	if !found {
		return nil, "", false
	}
	if body, rest, found = strings.Cut(body, ":"); !found {
		return nil, "", false
	}
	value, err := base64.StdEncoding.Strict().DecodeString(body)
	return value, rest, err == nil && !strings.ContainsAny(body, "\r\n")
}

// field writes the receipt as a header contains it.
func (r *Receipt) field() string {
	enc := base64.StdEncoding.EncodeToString
	s := ":" + enc(r.Text) + ":"
	if len(r.Proof) > 0 {
		s += ";proof=:" + enc(r.Proof) + ":"
	}
	return s
}

// seal lets the host keep a receipt of a decision, and puts it into the answer if
// the client asked for it.
func (g *Guard) seal(w http.ResponseWriter, r *http.Request, d *verify.Decision) {
	if g == nil || g.c.Receipt == nil {
		return
	}
	// That the client hangs up must not leave in doubt what is kept.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), g.c.Timeout)
	defer cancel()
	var sealed Receipt
	var err error
	sealed.Text, sealed.Proof, err = g.c.Receipt(ctx, d)
	if err != nil && g.c.Unsealed != nil {
		g.c.Unsealed(d, err)
	}
	if len(sealed.Text) == 0 || r.Header.Get(HeaderWantReceipt) != "?1" {
		return
	}
	if field := sealed.field(); len(field) <= maxReceiptField {
		w.Header().Set(HeaderReceipt, field)
	}
}
