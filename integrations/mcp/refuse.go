package verifymcp

import (
	"encoding/json"
	"errors"
	"maps"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// refuse answers a refusal so that a client that knows nothing of passports can show
// it, and a model can read it.
func (g *Guard) refuse(method string, d *verify.Decision, err error, receipt any) (mcp.Result, error) {
	if method != methodCall || g.c.RefuseWithErrors {
		return nil, wireError(d, err, receipt)
	}
	p := problem(d, err)
	res := &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: p.Text()}}}
	res.SetMeta(told(p, receipt))
	return res, nil
}

func wireError(d *verify.Decision, err error, receipt any) error {
	p := problem(d, err)
	data, _ := json.Marshal(told(p, receipt)) // of these types it does not fail
	return &jsonrpc.Error{Code: CodeRefused, Message: p.Text(), Data: data}
}

// problem is what the agent is told: the code, and the limits of its own passports.
func problem(d *verify.Decision, err error) verifyhttp.Problem {
	p := verifyhttp.NewProblem(d, err)
	p.AddReasons(err)
	return p
}

// told is the _meta of a refusal, or the data of an error.
func told(p verifyhttp.Problem, receipt any) map[string]any {
	meta := map[string]any{MetaRefusal: p}
	if receipt != nil {
		meta[MetaReceipt] = receipt
	}
	return meta
}

// ReadRefusal finds the refusal in what a call has returned; false if no guard has
// refused it. It is the server's word, and nothing more.
func ReadRefusal(res mcp.Result, err error) (*verifyhttp.Problem, bool) {
	p := &verifyhttp.Problem{}
	if p.UnmarshalJSON(member(res, err, MetaRefusal)) != nil {
		return nil, false
	}
	return p, true
}

// ReadReceipt takes the receipt out of what a call has returned. It fails with
// verifyhttp.ErrNoReceipt if there is none. It proves nothing: receipt.Verify does.
func ReadReceipt(res mcp.Result, err error) (verifyhttp.Receipt, error) {
	var r struct{ Text, Proof string }
	if json.Unmarshal(member(res, err, MetaReceipt), &r) != nil || r.Text == "" {
		return verifyhttp.Receipt{}, verifyhttp.ErrNoReceipt
	}
	out := verifyhttp.Receipt{Text: []byte(r.Text)}
	if r.Proof != "" {
		out.Proof = []byte(r.Proof)
	}
	return out, nil
}

// member finds a member of what was told, in JSON; nil if there is none.
func member(res mcp.Result, err error, name string) (raw []byte) {
	var wire *jsonrpc.Error
	switch {
	case errors.As(err, &wire) && wire.Code == CodeRefused:
		var data map[string]json.RawMessage
		if json.Unmarshal(wire.Data, &data) == nil {
			raw = data[name]
		}
	case err == nil && res != nil:
		raw, _ = json.Marshal(res.GetMeta()[name])
	}
	return raw
}

// withMeta returns a result with one more member in _meta. What a tool has returned
// may be kept by it, and stays as it is.
func withMeta(res mcp.Result, key string, value any) mcp.Result {
	switch r := res.(type) {
	case *mcp.CallToolResult:
		res = copyOf(r)
	case *mcp.ReadResourceResult:
		res = copyOf(r)
	case *mcp.GetPromptResult:
		res = copyOf(r)
	}
	meta := maps.Clone(res.GetMeta())
	if meta == nil {
		meta = map[string]any{}
	}
	meta[key] = value
	res.SetMeta(meta)
	return res
}

func copyOf[T any](v *T) *T {
	if v == nil {
		return new(T)
	}
	c := *v
	return &c
}
