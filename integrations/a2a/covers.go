package verifya2a

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/a2aproject/a2a-go/a2a"
)

// Covers reports what is declared amiss for an agent with this card: skills without a Call,
// which nobody may ask for; Calls for skills that the card does not have; and pointers that lead
// to nothing in the params, such as /message/parts/0/amount, which is in the part's data. Nil if
// there is nothing of all this. Ask before you serve.
func (g *Guard) Covers(card *a2a.AgentCard) error {
	if g == nil || card == nil {
		return errors.New("verifya2a: there is no guard, or no card")
	}
	var missing []string
	lacks := maps.Clone(g.calls.skills)
	for _, skill := range card.Skills {
		if _, ok := g.calls.skills[skill.ID]; !ok {
			missing = append(missing, skill.ID)
		}
		delete(lacks, skill.ID)
	}
	var errs []error
	if slices.Sort(missing); missing != nil {
		errs = append(errs, fmt.Errorf("verifya2a: no Call is declared for the skills %q", missing))
	}
	if len(lacks) > 0 {
		errs = append(errs, fmt.Errorf("verifya2a: the card has no skills %q", slices.Sorted(maps.Keys(lacks))))
	}
	for _, id := range slices.Sorted(maps.Keys(g.calls.skills)) {
		errs = append(errs, astray(g.calls.skills[id], methodSend, fmt.Sprintf("the skill %q", id))...)
	}
	for _, method := range slices.Sorted(maps.Keys(g.calls.methods)) {
		errs = append(errs, astray(g.calls.methods[method], method, method)...)
	}
	return errors.Join(errs...)
}

// astray reports the pointers of a declaration that lead to nothing in the params of a method.
func astray(call Call, method, of string) (errs []error) {
	texts := slices.AppendSeq([]string{call.Resource, call.Payee, call.Category, call.Rail, call.Region, call.Amount,
		call.Currency}, maps.Values(call.Attributes))
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		if strings.HasPrefix(text, "/") && !leads(paramsOf[method], strings.Split(text[1:], "/")) {
			errs = append(errs, fmt.Errorf("verifya2a: the pointer %s of %s leads to nothing in the params of %s",
				text, of, method))
		}
	}
	return errs
}

// paramsOf are the params of what can be declared.
var paramsOf = map[string]reflect.Type{
	methodSend:                            reflect.TypeFor[a2a.MessageSendParams](),
	"tasks/get":                           reflect.TypeFor[a2a.TaskQueryParams](),
	"tasks/cancel":                        reflect.TypeFor[a2a.TaskIDParams](),
	"tasks/resubscribe":                   reflect.TypeFor[a2a.TaskIDParams](),
	"tasks/pushNotificationConfig/get":    reflect.TypeFor[a2a.GetTaskPushConfigParams](),
	"tasks/pushNotificationConfig/list":   reflect.TypeFor[a2a.ListTaskPushConfigParams](),
	"tasks/pushNotificationConfig/delete": reflect.TypeFor[a2a.DeleteTaskPushConfigParams](),
}

// oneOf are the types of what has one of several, by its interface.
var oneOf = map[reflect.Type][]reflect.Type{
	reflect.TypeFor[a2a.Part](): {
		reflect.TypeFor[a2a.DataPart](), reflect.TypeFor[a2a.TextPart](), reflect.TypeFor[a2a.FilePart](),
	},
	reflect.TypeFor[a2a.FilePartContent](): {reflect.TypeFor[a2a.FileURI](), reflect.TypeFor[a2a.FileBytes]()},
}

// unescape reads a token of a JSON Pointer.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// leads reports whether a pointer may find something in the JSON of a type.
func leads(t reflect.Type, tokens []string) bool {
	if len(tokens) == 0 {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer:
		return leads(t.Elem(), tokens)
	case reflect.Slice:
		_, err := strconv.ParseUint(tokens[0], 10, 31)
		return err == nil && leads(t.Elem(), tokens[1:])
	case reflect.Map:
		return leads(t.Elem(), tokens[1:])
	case reflect.Interface:
		types, known := oneOf[t]
		return !known || slices.ContainsFunc(types, func(t reflect.Type) bool { return leads(t, tokens) })
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name == unescape.Replace(tokens[0]) {
				return leads(f.Type, tokens[1:])
			}
		}
		return tokens[0] == "kind" && len(tokens) == 1 // which messages and parts have, and no field
	}
	return false
}
