package verifymcp

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// Call says what a call means; see package meaning.
type Call = meaning.Call

// calls finds what a request means.
type calls struct {
	tools, methods map[string]Call
	most           int // bytes of a call
}

func (c *calls) check() error {
	for _, table := range []map[string]Call{c.tools, c.methods} {
		for name, call := range table {
			if err := call.Check(); err != nil {
				return fmt.Errorf("the call %q: %w", name, err)
			}
		}
	}
	for _, name := range slices.Concat(open, []string{methodCall}) {
		if _, ok := c.methods[name]; ok {
			return fmt.Errorf("the method %s cannot be declared as a whole", name)
		}
	}
	return nil
}

// read returns what is declared for a request, what its arguments are, and the
// digest that binds all of it: that of its params without _meta.
func (c *calls) read(method string, params mcp.Params) (call Call, arguments credential.Value, digest string,
	err error) {
	text := []byte("{}")
	if !leftOut(params) {
		if text, err = json.Marshal(params); err != nil {
			return call, arguments, "", fault(verify.EnvelopeMalformed, notJSON)
		}
	}
	v, err := credential.ParseMessage(string(text), c.most)
	switch {
	case err != nil:
		return call, arguments, "", err
	case v.InexactNumber().Exists(): // its digest would be that of another number, too
		return call, arguments, "", fault(verify.EnvelopeMalformed, notExact)
	}
	declared := false
	if arguments = v; method == methodCall {
		call, declared = c.tools[v.Get("name").Str()]
		arguments = v.Get("arguments")
	} else {
		call, declared = c.methods[method]
	}
	if !declared {
		return call, arguments, "", fault(verify.AuthorityOperationUnknown, undeclared)
	}
	return call, arguments, passport.DigestJSON(v), nil
}

func fault(c verify.Code, detail string) error { return &verify.Violation{Code: c, Detail: detail} }

// What is refused here, in words that quote nothing.
const (
	notMade          = "the guard was not made by New"
	undeclared       = "the server has not declared what this call means, so nobody may make it"
	nothingToSign    = "PresenterConfig does not declare what this call means, so there is nothing to sign"
	notJSON          = "the params are not JSON"
	notExact         = "a number has more digits than every reader keeps; send it as a text"
	noPresentation   = "this call needs an agent's passport, and none was presented (" + MetaPresentation + " in _meta)"
	notAPresentation = MetaPresentation + " in _meta is not a text"
)
