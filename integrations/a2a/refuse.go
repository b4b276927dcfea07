package verifya2a

import (
	"encoding/json"
	"strings"

	"github.com/a2aproject/a2a-go/a2a"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// refused is an error of the protocol. a2a-go sends its text, and the code of its kind.
type refused struct {
	text string
	kind error
}

func (r *refused) Error() string { return r.text }
func (r *refused) Unwrap() error { return r.kind }

// refusal tells the caller the code, and the limits of its own passports.
func refusal(d *verify.Decision, err error, receipt any) error {
	p := verifyhttp.NewProblem(d, err)
	p.AddReasons(err)
	told := map[string]any{"refusal": p}
	if receipt != nil {
		told["receipt"] = receipt
	}
	data, _ := json.Marshal(told) // of these types it does not fail
	kind := a2a.ErrInvalidRequest
	switch p.Status {
	case 400, 413:
		kind = a2a.ErrInvalidParams
	case 429, 500, 503:
		kind = a2a.ErrServerError
	}
	return &refused{p.Text() + "\n" + KeyRefusal + " " + string(data), kind}
}

// ReadRefusal finds the refusal in the error of a call; false if no guard has refused
// it. It is the server's word, and nothing more.
func ReadRefusal(err error) (*verifyhttp.Problem, bool) {
	p := &verifyhttp.Problem{}
	if p.UnmarshalJSON(told(err)["refusal"]) != nil {
		return nil, false
	}
	return p, true
}

// ReadReceipt takes the receipt out of what a call has returned: a result, an event of
// a stream, or an error. It fails with verifyhttp.ErrNoReceipt if there is none. It
// proves nothing: receipt.Verify does.
func ReadReceipt(result a2a.Event, err error) (verifyhttp.Receipt, error) {
	raw := told(err)["receipt"]
	if meta := metadata(result); err == nil && meta != nil {
		raw, _ = json.Marshal((*meta)[KeyReceipt])
	}
	var r struct{ Text, Proof string }
	if json.Unmarshal(raw, &r) != nil || r.Text == "" {
		return verifyhttp.Receipt{}, verifyhttp.ErrNoReceipt
	}
	out := verifyhttp.Receipt{Text: []byte(r.Text)}
	if r.Proof != "" {
		out.Proof = []byte(r.Proof)
	}
	return out, nil
}

// told finds what a refusal tells; nil if an error is not one.
func told(err error) (members map[string]json.RawMessage) {
	if err == nil {
		return nil
	}
	_, text, _ := strings.Cut(err.Error(), "\n"+KeyRefusal+" ")
	if json.NewDecoder(strings.NewReader(text)).Decode(&members) != nil { // the client adds words
		return nil
	}
	return members
}
