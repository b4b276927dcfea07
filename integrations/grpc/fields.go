package verifygrpc

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/passport"
)

// unescape reads a token of a JSON Pointer.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// fieldAt finds the field that a pointer into a message leads to, or into: nil for one that
// is inside of a message with a JSON form of its own. ok is false if there is no such field.
func fieldAt(message protoreflect.MessageDescriptor, pointer string) (field protoreflect.FieldDescriptor, ok bool) {
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for {
		if message.FullName().Parent() == "google.protobuf" {
			return nil, true
		}
		if field = message.Fields().ByJSONName(unescape.Replace(tokens[0])); field == nil {
			return nil, false
		}
		tokens = tokens[1:]
		if len(tokens) > 0 && (field.IsMap() || field.IsList()) {
			if _, err := strconv.ParseUint(tokens[0], 10, 31); field.IsList() && err != nil {
				return nil, false
			}
			tokens = tokens[1:] // a key, or an index
		}
		if field.IsMap() {
			field = field.MapValue()
		}
		if len(tokens) == 0 || !isMessage(field) {
			return field, len(tokens) == 0
		}
		message = field.Message()
	}
}

// misses names the pointers of a declaration that lead to no field of the request message,
// such as /pay_to, which is /payTo in ProtoJSON: what they stand for would never be stated.
// It looks at services with a descriptor.
func (m Method) misses(service, method string) (wrong []string) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	s, ok := d.(protoreflect.ServiceDescriptor)
	if err != nil || !ok || s.Methods().ByName(protoreflect.Name(method)) == nil {
		return nil
	}
	input := s.Methods().ByName(protoreflect.Name(method)).Input()
	texts := []string{m.Resource, m.Payee, m.Category, m.Rail, m.Region, m.Amount, m.Currency}
	texts = slices.AppendSeq(texts, maps.Values(m.Attributes))
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		if !strings.HasPrefix(text, "/") {
			continue
		}
		if _, ok := fieldAt(input, text); !ok {
			wrong = append(wrong, fmt.Sprintf("%s of /%s/%s leads to no field of %s, whose fields are named as in ProtoJSON",
				text, service, method, input.FullName()))
		}
	}
	return wrong
}

// act says what a call is. An attribute that is a 64-bit integer is a number, though
// ProtoJSON writes it as a text: limits are for numbers. One that a double does not hold
// exactly stays a text.
func (m Method) act(message any, arguments credential.Value) (passport.Act, error) {
	act, err := m.Act(arguments)
	p, ok := message.(proto.Message)
	if err != nil || !ok || !act.Attributes.Exists() {
		return act, err
	}
	var w jsonwrite.Writer
	w.BeginObject()
	for name, v := range act.Attributes.Members() {
		w.Name(name)
		field, _ := fieldAt(p.ProtoReflect().Descriptor(), m.Attributes[name])
		if n, ok := exact(field, v); ok {
			w.Int(n)
		} else {
			w.Raw(v.Raw())
		}
	}
	w.EndObject()
	act.Attributes, err = credential.ParseValue(string(w.Buf))
	return act, err
}

// exact returns the number that ProtoJSON has as a text.
func exact(field protoreflect.FieldDescriptor, v credential.Value) (int64, bool) {
	const most = 1<<53 - 1
	text, isText := v.LookupStr()
	n, err := strconv.ParseInt(text, 10, 64)
	if field == nil || !isText || err != nil || n < -most || n > most {
		return 0, false
	}
	switch field.Kind() {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return n, true
	}
	return n, isMessage(field) && slices.Contains(wrappers, field.Message().FullName())
}

// wrappers are the messages whose JSON form is that of the one integer in them.
var wrappers = []protoreflect.FullName{"google.protobuf.Int64Value", "google.protobuf.UInt64Value"}
