package passport

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
