package verifygrpc

import (
	"fmt"
	"maps"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// Method says what a call of a method means. Server and client declare the same.
type Method struct {
	// Call has pointers into the ProtoJSON form of the request message, where the field
	// pay_to is /payTo. An attribute that is a 64-bit integer is a number, though ProtoJSON
	// writes it as a text.
	//
	// A field that has its zero value (0, false, "", the first of an enum) is not there, and
	// states nothing, unless it is optional in the .proto file. That is never more than the
	// zero value would be allowed: a payment without its amount is refused, and so is an act
	// without a resource, payee, region or parameter that the passport restricts; a limit
	// max_rows is met by no rows as it is by 0. Where the method takes 0 for "all", Ask has to
	// refuse it. Make a field optional to have its zero stated.
	meaning.Call

	// ClientStream says that the client sends a stream, which is allowed as a whole
	// when it begins: its messages are not looked at, so the Call has no pointers.
	// False: a method whose client sends a stream is refused.
	ClientStream bool
}

// methods are declared by their full names.
type methods map[string]Method

// copied checks declarations and returns a copy.
func (m methods) copied() (methods, error) {
	for name, method := range m {
		if err := method.Check(); err != nil {
			return nil, fmt.Errorf("the method %s: %w", name, err)
		}
		if strings.Count(name, "/") != 2 || name[0] != '/' {
			return nil, fmt.Errorf("the method %q: want /package.Service/Method", name)
		}
	}
	return maps.Clone(m), nil
}

// read returns what a call means: the declaration, the arguments, and the digest that
// binds the method and its message. A call without a message is a stream of the
// client's.
func (m methods) read(name string, message any) (method Method, arguments credential.Value, digest string, err error) {
	method, declared := m[name]
	switch {
	case !declared:
		return method, arguments, "", fault(verify.AuthorityOperationUnknown, undeclared)
	case (message == nil) != method.ClientStream:
		return method, arguments, "", fault(verify.AuthorityOperationUnknown, streams)
	}
	var w strings.Builder
	w.WriteByte('{')
	if message != nil {
		p, ok := message.(proto.Message)
		if !ok {
			return method, arguments, "", fault(verify.EnvelopeUnsupported, notProto)
		}
		if err := known(p.ProtoReflect(), deepest); err != nil {
			return method, arguments, "", err
		}
		text, err := protojson.Marshal(p)
		if err != nil {
			return method, arguments, "", fault(verify.EnvelopeMalformed, notJSON)
		}
		fmt.Fprintf(&w, `"message":%s,`, text)
	}
	fmt.Fprintf(&w, `"method":%q}`, name) // of a declared method, so it is plain
	call, err := credential.ParseMessage(w.String(), mostMessage)
	if err != nil {
		return method, arguments, "", err
	}
	return method, call.Get("message"), passport.DigestJSON(call), nil
}

// known refuses a message with a field, at any depth, that has no name here. Those are not in
// the JSON form, so nothing would bind them, and a method that hands the message on to a newer
// server would hand them on, too. What is nested too deeply is refused first: each Any in an Any
// is read from its bytes once more.
func known(m protoreflect.Message, depth int) (err error) {
	if len(m.GetUnknown()) > 0 {
		return fault(verify.EnvelopeMalformed, unknownFields)
	}
	if depth == 0 {
		return fault(verify.EnvelopeTooLarge, tooDeep)
	}
	if any, ok := m.Interface().(*anypb.Any); ok && any.GetTypeUrl() != "" {
		inner, err := any.UnmarshalNew()
		if err != nil {
			return fault(verify.EnvelopeMalformed, unknownFields)
		}
		return known(inner.ProtoReflect(), depth-1)
	}
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if isMessage(field.MapValue()) {
				v.Map().Range(func(_ protoreflect.MapKey, item protoreflect.Value) bool {
					err = known(item.Message(), depth-1)
					return err == nil
				})
			}
		case !isMessage(field):
		case field.IsList():
			for i := 0; i < v.List().Len() && err == nil; i++ {
				err = known(v.List().Get(i).Message(), depth-1)
			}
		default:
			err = known(v.Message(), depth-1)
		}
		return err == nil
	})
	return err
}

func isMessage(field protoreflect.FieldDescriptor) bool {
	return field.Kind() == protoreflect.MessageKind || field.Kind() == protoreflect.GroupKind
}

const (
	mostMessage = 64 << 20 // the transport's own cap comes before
	deepest     = 136      // messages in each other: what is deeper has JSON of more than 64 levels
)

func fault(c verify.Code, detail string) error { return &verify.Violation{Code: c, Detail: detail} }

// What is refused here, in words that quote nothing.
const (
	notMade        = "the guard was not made by New"
	undeclared     = "the server has not declared what this method means, so nobody may call it"
	streams        = "what the client sends, a message or a stream, is not what the server has declared"
	notProto       = "the message is not a protocol buffer"
	unknownFields  = "the message has fields that are not known here, so nobody can say what they mean"
	tooDeep        = "the message is nested too deeply"
	notJSON        = "the message has no JSON form"
	several        = "the metadata " + KeyPassport + " is there more than once"
	noPresentation = "this call needs an agent's passport, and none was presented (metadata " + KeyPassport + ")"
)
