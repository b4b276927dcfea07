package verifya2a

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/a2aproject/a2a-go/a2a"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// Call says what a call means; see package meaning. Its pointers are into the params.
type Call = meaning.Call

const (
	methodSend = "message/send"
	methodSet  = "tasks/pushNotificationConfig/set"
	methodCard = "agent/getAuthenticatedExtendedCard"
	mostCall   = 64 << 20 // what is read at all, the host's http.MaxBytesHandler says: a2a-go has no cap
)

// nameOf is the protocol's name of a method, by that of the client of a2a-go. The
// server's is the same after "On", but for two.
var nameOf = map[string]string{
	"SendMessage": methodSend, "SendStreamingMessage": methodSend, "SendMessageStream": methodSend,
	"GetTask": "tasks/get", "CancelTask": "tasks/cancel", "ResubscribeToTask": "tasks/resubscribe",
	"GetTaskPushConfig":    "tasks/pushNotificationConfig/get",
	"ListTaskPushConfig":   "tasks/pushNotificationConfig/list",
	"DeleteTaskPushConfig": "tasks/pushNotificationConfig/delete",
	"SetTaskPushConfig":    methodSet, "GetAgentCard": methodCard, "GetExtendedAgentCard": methodCard,
}

// calls finds what a request means.
type calls struct{ skills, methods map[string]Call }

// copied checks declarations and returns a copy.
func (c calls) copied() (calls, error) {
	for _, table := range []map[string]Call{c.skills, c.methods} {
		for name, call := range table {
			if err := call.Check(); err != nil {
				return c, fmt.Errorf("the call %q: %w", name, err)
			}
		}
	}
	for name := range c.methods {
		switch {
		case name == methodSend:
			return c, errors.New("the method message/send is declared by skills")
		case name == methodSet, name == methodCard:
			return c, fmt.Errorf("the params of %s have no metadata, so nothing can be presented", name)
		case !known(name):
			return c, fmt.Errorf("the method %q is not one of A2A", name)
		}
	}
	return calls{maps.Clone(c.skills), maps.Clone(c.methods)}, nil
}

func known(method string) bool {
	for _, name := range nameOf {
		if name == method {
			return true
		}
	}
	return false
}

// read returns what is declared for a request, its params, and the digest that binds
// it. The params are without what take takes.
func (c calls) read(method string, payload any) (call Call, params credential.Value, digest string, err error) {
	declared := false
	if method == methodSend {
		if send, ok := payload.(*a2a.MessageSendParams); ok && send != nil {
			call, declared = c.skills[Skill(send.Message)]
		}
	} else {
		call, declared = c.methods[method]
	}
	if !declared {
		return call, params, "", fault(verify.AuthorityOperationUnknown, undeclared)
	}
	text, err := json.Marshal(map[string]any{"method": method, "params": payload})
	if err != nil {
		return call, params, "", fault(verify.EnvelopeMalformed, notJSON)
	}
	v, err := credential.ParseMessage(string(text), mostCall)
	switch {
	case err != nil:
		return call, params, "", err
	case v.InexactNumber().Exists() || rounded(v): // its digest would be that of another number, too
		return call, params, "", fault(verify.EnvelopeMalformed, notExact)
	}
	return call, v.Get("params"), passport.DigestJSON(v), nil
}

// rounded reports a number that may have been another one when it was sent: a2a-go reads
// doubles, which from 2^53 on do not tell an integer from the next.
func rounded(v credential.Value) bool {
	switch v.Kind() {
	case strictjson.Number:
		f, err := strconv.ParseFloat(v.Raw(), 64)
		return err != nil || math.Abs(f) > strictjson.MaxSafeInteger
	case strictjson.Object:
		for _, member := range v.Members() {
			if rounded(member) {
				return true
			}
		}
	case strictjson.Array:
		for item := range v.Items() {
			if rounded(item) {
				return true
			}
		}
	}
	return false
}

// presented is what a request carries.
type presented struct {
	text    string
	bad     bool // there is something, and it is not a text
	receipt bool // is wanted
}

// take takes what is presented out of the params, so that nothing behind the guard
// sees it.
func take(payload any) (p presented) {
	meta := metadata(payload)
	if meta == nil {
		return p
	}
	v, ok := (*meta)[KeyPresentation]
	if ok {
		p.text, ok = v.(string)
		p.bad = !ok
	}
	p.receipt = (*meta)[KeyWantReceipt] == true
	*meta = maps.Clone(*meta)
	delete(*meta, KeyPresentation)
	delete(*meta, KeyWantReceipt)
	return p
}

// metadata finds the metadata of params or of a result; nil if it has none.
func metadata(payload any) *map[string]any {
	switch p := payload.(type) {
	case *a2a.MessageSendParams:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.TaskQueryParams:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.TaskIDParams:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.GetTaskPushConfigParams:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.ListTaskPushConfigParams:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.DeleteTaskPushConfigParams:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.Message:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.Task:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.TaskStatusUpdateEvent:
		return field(p, func() *map[string]any { return &p.Metadata })
	case *a2a.TaskArtifactUpdateEvent:
		return field(p, func() *map[string]any { return &p.Metadata })
	}
	return nil
}

func field[T any](p *T, of func() *map[string]any) *map[string]any {
	if p == nil {
		return nil
	}
	return of()
}

// with returns a copy of metadata with one more member.
func with(meta map[string]any, key string, value any) map[string]any {
	out := maps.Clone(meta)
	if out == nil {
		out = map[string]any{}
	}
	out[key] = value
	return out
}

func fault(c verify.Code, detail string) error { return &verify.Violation{Code: c, Detail: detail} }

// What is refused here, in words that quote nothing.
const (
	notMade          = "the guard was not made by New"
	undeclared       = "the agent has not declared what this call means, so nobody may make it"
	nothingToSign    = "PresenterConfig does not declare what this call means, so there is nothing to sign"
	notJSON          = "the params are not JSON"
	notExact         = "a number has more digits than every reader keeps; send it as a text"
	noPresentation   = "this call needs an agent's passport, and none was presented (" + KeyPresentation + ")"
	notAPresentation = KeyPresentation + " is not a text"
)
