package meaning

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// Call says what a call means, in the words of passports. Whoever serves it and
// whoever calls it declare the same. The zero Call means nothing and is refused by
// Check.
//
// Each text is either fixed, or, if it begins with '/', a JSON Pointer into the
// arguments. A pointer that names
// nothing leaves its member unstated, which a passport that restricts it refuses;
// an amount is always stated. A number is read as it is written, if it is an
// integer. An argument whose name differs from a pointed one only in case is
// refused: some readers would take it for that one.
type Call struct {
	Action   string `json:"action"` // fixed; needed
	Resource string `json:"resource,omitempty"`
	Payee    string `json:"payee,omitempty"`
	Category string `json:"category,omitempty"`
	Rail     string `json:"rail,omitempty"`
	Region   string `json:"region,omitempty"`

	// Amount is a decimal text or number, "12.50", of Currency. Without Currency it
	// is a text with both, "12.50 USD". Empty: no money moves.
	Amount     string `json:"amount,omitempty"`
	Currency   string `json:"currency,omitempty"`
	MinorUnits bool   `json:"minorUnits,omitempty"` // Amount is an integer number of cents, or the like

	// Attributes are what limits and parameters of capabilities are judged by: their
	// names, and pointers to their values. One that names nothing is left out.
	Attributes map[string]string `json:"attributes,omitempty"`

	// Ask, if not nil, completes the question of a server with what the host knows
	// besides: usage, an operation, who owns the resource. An error refuses; it keeps
	// its code, if it has one. Whoever calls does not look at it.
	Ask func(ctx context.Context, arguments credential.Value, q *verify.Request) error `json:"-"`
}

// Check finds what is wrong with a declaration. Servers ask when they start.
func (c *Call) Check() error {
	switch {
	case passport.CheckAction(c.Action) != nil:
		return fmt.Errorf("action: %w", passport.CheckAction(c.Action))
	case c.Amount == "" && (c.Currency != "" || c.MinorUnits):
		return fmt.Errorf("a currency without an amount")
	case c.MinorUnits && c.Currency == "":
		return fmt.Errorf("minor units of no currency")
	}
	if err := errors.Join(c.checkFixed(), c.checkAmount()); err != nil {
		return err
	}
	for name, pointer := range c.Attributes {
		for member := range (&passport.Act{}).Members() {
			if name == member {
				return fmt.Errorf("attribute %q: the act itself has a member of that name", name)
			}
		}
		if name == "" || !strings.HasPrefix(pointer, "/") {
			return fmt.Errorf("attribute %q: %q is not a JSON Pointer to an argument", name, pointer)
		}
		if !wellFormed(pointer) {
			return fmt.Errorf("attribute %q: in %q a '~' is not ~0 or ~1", name, pointer)
		}
	}
	return nil
}

// checkAmount finds a fixed text that can never be an amount, or a currency: most often
// it is the name of an argument without the '/' that makes it a pointer.
func (c *Call) checkAmount() error {
	fixed := *c
	switch {
	case c.Amount == "", isPointer(c.Amount) && (isPointer(c.Currency) || c.Currency == ""):
		return nil // nothing is fixed
	case isPointer(c.Amount):
		fixed.Amount = "1"
	case isPointer(c.Currency):
		fixed.Amount, _, _ = strings.Cut(c.Amount, ".")
		fixed.Currency = "USD"
	}
	if _, err := fixed.amount(credential.Value{}); err != nil {
		return fmt.Errorf("amount %q, currency %q: a text that does not begin with '/' is meant as it is, "+
			"and this is not an amount; a pointer to the argument amount is \"/amount\": %w",
			c.Amount, c.Currency, errors.Unwrap(err))
	}
	return nil
}

// checkFixed finds what is wrong with the texts that are the same in every call: who
// serves such a call would refuse it each time.
func (c *Call) checkFixed() error {
	var fixed passport.Act
	for to, text := range c.texts(&fixed) {
		if !isPointer(text) {
			*to = text
		} else if !wellFormed(text) {
			return fmt.Errorf("in %q a '~' is not ~0 or ~1", text)
		}
	}
	if name, text := unclear(&fixed, textBytes); name != "" {
		return fmt.Errorf("%s: %.80q is not a text that a passport can be asked about", name, text)
	}
	if fixed.Region != "" {
		if err := passport.CheckRegion(fixed.Region); err != nil {
			return fmt.Errorf("region: %w", err)
		}
	}
	if !wellFormed(c.Amount) || !wellFormed(c.Currency) {
		return errors.New("in a pointer to an amount or a currency a '~' is not ~0 or ~1")
	}
	return nil
}

// texts yields where a text of a declaration goes, and the text.
func (c *Call) texts(act *passport.Act) iter.Seq2[*string, string] {
	return func(yield func(*string, string) bool) {
		_ = yield(&act.Resource, c.Resource) && yield(&act.Payee, c.Payee) && yield(&act.Category, c.Category) &&
			yield(&act.Rail, c.Rail) && yield(&act.Region, c.Region)
	}
}

func isPointer(text string) bool { return strings.HasPrefix(text, "/") }

// wellFormed reports whether a text, if it is a pointer, is one of RFC 6901.
func wellFormed(text string) bool {
	return !isPointer(text) || !strings.Contains(unescaped.Replace(text), "~")
}

// unescaped takes away what is an escape of a JSON Pointer.
var unescaped = strings.NewReplacer("~0", "", "~1", "")

// Act says what a call with these arguments is. The arguments are a JSON object, or
// absent if there are none. An error is a [*verify.Violation] whose Detail is fixed
// and quotes nothing, so that the caller may be told: see [verify.RefuseOpenly].
func (c *Call) Act(arguments credential.Value) (passport.Act, error) {
	act := passport.Act{Action: c.Action}
	for to, from := range c.texts(&act) {
		text, err := textOf(arguments, from)
		if err != nil {
			return act, err
		}
		*to = text
	}
	if name, _ := unclear(&act, textBytes); name != "" {
		return act, fault(verify.EnvelopeMalformed, notPlain)
	}
	if act.Region != "" && passport.CheckRegion(act.Region) != nil {
		return act, fault(verify.EnvelopeMalformed, badRegion)
	}
	var err error
	if c.Amount != "" {
		if act.Amount, err = c.amount(arguments); err != nil {
			return act, err
		}
	}
	act.Attributes, err = c.attributes(arguments)
	return act, err
}

func (c *Call) attributes(arguments credential.Value) (credential.Value, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		v, err := find(arguments, c.Attributes[name])
		if err != nil {
			return v, err
		}
		if v.Exists() && v.Raw() != "null" {
			w.Name(name)
			w.Raw(v.Raw())
		}
	}
	w.EndObject()
	if len(w.Buf) == len("{}") {
		return credential.Value{}, nil
	}
	v, err := credential.ParseValue(string(w.Buf))
	if err != nil {
		return v, &verify.Violation{Code: verify.EnvelopeMalformed, Detail: badAttributes, Err: err}
	}
	return v, nil
}

func (c *Call) amount(arguments credential.Value) (passport.Money, error) {
	currency, err := textOf(arguments, c.Currency)
	if err != nil {
		return passport.Money{}, err
	}
	text := c.Amount
	if isPointer(text) {
		v, err := find(arguments, text)
		if err != nil {
			return passport.Money{}, err
		}
		var isText bool
		if text, isText = v.LookupStr(); !isText {
			text = v.Raw() // a number, as it is written
		}
	}
	var money passport.Money
	switch {
	case text == "":
		return money, fault(verify.AuthorityAttributeMissing, amountMissing)
	case c.MinorUnits:
		var units int64
		if units, err = strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(units, 10) != text {
			err = strconv.ErrSyntax
		}
		if err == nil {
			money, err = passport.MinorUnits(units, currency)
		}
	case currency == "":
		money, err = passport.ParseMoneyText(text)
	default:
		money, err = passport.ParseMoney(text, currency)
	}
	if err != nil {
		return passport.Money{}, &verify.Violation{Code: verify.EnvelopeMalformed, Detail: badAmount, Err: err}
	}
	return money, nil
}

// textOf reads a text of a declaration.
func textOf(arguments credential.Value, text string) (string, error) {
	if !isPointer(text) {
		return text, nil
	}
	v, err := find(arguments, text)
	if err != nil || !v.Exists() {
		return "", err
	}
	if s, ok := v.LookupStr(); ok {
		return s, nil
	}
	if _, ok := v.Int(); ok {
		return v.Raw(), nil
	}
	return "", fault(verify.EnvelopeMalformed, notAText)
}

// find follows a pointer. On its way nothing may look like a member that it names
// and not be it.
func find(v credential.Value, pointer string) (credential.Value, error) {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		name := unescape.Replace(token)
		for other := range v.Members() {
			if other != name && strings.EqualFold(other, name) {
				return credential.Value{}, fault(verify.EnvelopeMalformed, looksAlike)
			}
		}
		v = v.At("/" + token)
	}
	return v, nil
}

// unescape reads a token of a JSON Pointer.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// The details of refusals. They quote nothing of the call.
const (
	looksAlike    = "an argument is named like a declared one but for its case"
	notAText      = "an argument that the passport is asked about is neither a text nor an integer"
	notPlain      = "an argument that is asked about has white space, control characters or '*', or is too long"
	badRegion     = "an argument that is asked about is not a region of ISO 3166"
	amountMissing = "the call states no amount"
	badAmount     = "the amount of the call is not an exact amount of a currency"
	badAttributes = "arguments that the passport is asked about are too large"
)

// unclear returns the first text of an act that cannot be read in one way.
var unclear = seam.MustBorrow[func(act *passport.Act, most int) (name, text string)]("passport.unclear")

// textBytes is how long a text is that a verifier takes by default.
var textBytes = limits.Default().IRIBytes

func fault(c verify.Code, detail string) error { return &verify.Violation{Code: c, Detail: detail} }
