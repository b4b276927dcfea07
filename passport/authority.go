package passport

import "time"

// Authority is what one link of a chain states about what its agent may do.
// Grants that are absent mean none; restrictions that are absent mean that
// this link adds none (see the package comment). The zero Authority allows
// nothing.
type Authority struct {
	Capabilities  []Capability // grant: the allow-list
	DeniedActions []string     // restriction: action patterns, or "*"; they win over the allow-list

	// Categories are what payments may be for (allowedMPPCategories, the
	// categories of the Machine Payments Protocol). Stated, a payment must name
	// one of them; not stated, a payment may not name any.
	Categories []string
	// Rails are the payment rails that may be used (paymentRails), likewise.
	Rails          []string
	MaxTransaction Money        // ceiling of one payment in its currency; grants the currency
	SpendLimits    []SpendLimit // limits over time; each grants its currency
	Limits         []Limit      // over request attributes, rates and permissions

	// Of the five restrictions below nil adds none. A list that is empty and
	// not nil lets nothing pass; the wire form cannot say that, so Issue
	// refuses it rather than leave the restriction out.

	Payees    []string // restriction: exact text, or text ending in "/*"
	Resources []string // restriction, likewise
	Audiences []string // restriction, likewise
	Regions   []string // restriction: ISO 3166-1 alpha-2 or 3166-2; "DE" covers "DE-BY"

	TimeWindows []TimeWindow // restriction: at least one must hold
	Assurance   Assurance    // grant: how well the agent's principal is known; zero: L0

	// MaxDelegationDepth is the deepest link allowed below, counted from the
	// root: on a root, 1 lets its agent delegate and the delegate not; on a link
	// of depth 1, 2 lets that agent delegate once more. Zero: absent, the link may not delegate.
	MaxDelegationDepth int
}

// Capability is one entry of the allow-list.
type Capability struct {
	Action string  // a pattern: "payments.charge", "payments.*"
	Params []Param // conditions on the request; all must hold
}

// ParamKind tells what a parameter asks of a request.
type ParamKind uint8

// The kinds of a [Param].
const (
	ParamInvalid ParamKind = iota
	ParamMax               // "max_<attribute>", or another integer: the attribute is a number of at most Int
	ParamRate              // "max_per_minute", "_hour", "_day": how often the action may happen
	ParamBool              // true: the attribute is true or false; false: it is false
	ParamStrings           // the attribute is one of Strings
)

// Param is one parameter of a capability. A request that does not state the
// attribute, or states another kind of value, does not pass.
type Param struct {
	Name    string
	Kind    ParamKind
	Int     int64    // of a maximum or a rate, 0 to 2^53-1
	Bool    bool     // of ParamBool
	Strings []string // of ParamStrings, at least one
	single  bool     // the document has a string, not an array
}

// Attribute returns the name of the request attribute that the parameter is
// about: what follows "max_" for a maximum, its own name otherwise, "" for a
// rate.
func (p Param) Attribute() string {
	switch p.Kind {
	case ParamMax:
		if len(p.Name) > 4 && p.Name[:4] == "max_" {
			return p.Name[4:]
		}
	case ParamRate:
		return ""
	}
	return p.Name
}

// Period is the window of a spend limit.
type Period string

// The periods. Rolling ones are 1 h, 24 h, 168 h and 720 h long.
const (
	PerTransaction Period = "transaction"
	PerHour        Period = "hour"
	PerDay         Period = "day"
	PerWeek        Period = "week"
	PerMonth       Period = "month"
	PerLifetime    Period = "lifetime"
)

func (p Period) valid() bool {
	switch p {
	case PerTransaction, PerHour, PerDay, PerWeek, PerMonth, PerLifetime:
		return true
	}
	return false
}

// SpendLimit bounds what may be spent per period, all spending of descendants
// included.
type SpendLimit struct {
	Money    Money
	Per      Period
	TimeZone string // "": a rolling window; an IANA zone: a calendar window there
	Action   string // pattern: only payments for it; "": every payment
}

// LimitKind tells what a [Limit] bounds.
type LimitKind uint8

// The kinds of a [Limit].
const (
	LimitInvalid LimitKind = iota
	LimitMax               // "max_<attribute>": maximum of a request attribute
	LimitRate              // "<name>_per_minute", "_per_hour", "_per_day"
	LimitAllow             // "allow_<attribute>": a permission; absent means false
)

// Limit is one member of limits.
type Limit struct {
	Name string // as in the document
	Kind LimitKind
	Int  int64 // of a maximum or a rate, 0 to 2^53-1
	Bool bool  // of a permission
}

// Attribute returns the request attribute of a maximum or a permission, or the
// usage counter of a rate.
func (l Limit) Attribute() string {
	switch l.Kind {
	case LimitMax:
		return l.Name[len("max_"):]
	case LimitAllow:
		return l.Name[len("allow_"):]
	case LimitRate:
		name, _ := cutRate(l.Name)
		return name
	}
	return ""
}

// Window returns the length of a rate's window, zero for other kinds.
func (l Limit) Window() time.Duration {
	_, w := cutRate(l.Name)
	if l.Kind != LimitRate {
		return 0
	}
	return w
}

// Level is a level of assurance.
type Level string

// The assurance ladder, lowest first. The zero Level is L0.
const (
	L0    Level = "L0"
	L1    Level = "L1"
	L2    Level = "L2"
	L3    Level = "L3"
	L4KYC Level = "L4KYC"
	L4FIN Level = "L4FIN"
)

var ladder = [...]Level{L0, L1, L2, L3, L4KYC, L4FIN}

// Rank returns the level's place on the ladder, 0 for L0 and for "", and -1
// for an unknown level.
func (l Level) Rank() int {
	if l == "" {
		return 0
	}
	for i, o := range ladder {
		if o == l {
			return i
		}
	}
	return -1
}

// Assurance says how the accountable party was identified. The zero value is
// L0, not identified.
type Assurance struct {
	Level          Level
	Method         string
	Provider       string // who vouches, as verifiers' configurations name it
	VerifiedAt     time.Time
	EvidenceDigest string // SHA-256 multihash, multibase base64url
}

// IsZero reports whether nothing is claimed.
func (a Assurance) IsZero() bool { return a == Assurance{} }

// Window returns the length of a rate's window: one minute, one hour or 24
// hours; zero for other kinds.
func (p Param) Window() time.Duration {
	if p.Kind != ParamRate {
		return 0
	}
	_, w := cutRate(p.Name)
	return w
}
