package did

// A Relationship is a purpose for which a DID document lists keys (W3C DID
// Core 1.0, section 5.3). It is also the value of a proof's proofPurpose. The
// zero Relationship is not a purpose, and no key is listed for it.
type Relationship string

// The relationships. Ed25519 keys sign and do not agree on keys, so no key of
// this package is ever usable for [KeyAgreement].
const (
	AssertionMethod      Relationship = "assertionMethod"      // issue credentials
	Authentication       Relationship = "authentication"       // present, prove to be there
	CapabilityInvocation Relationship = "capabilityInvocation" // use a capability
	CapabilityDelegation Relationship = "capabilityDelegation" // hand a capability on
	KeyAgreement         Relationship = "keyAgreement"         // encrypt to the subject
)

// relationships is every relationship, in the order in which RFC 8785 sorts
// their names. A relSet has one bit for each.
var relationships = [...]Relationship{
	AssertionMethod, Authentication, CapabilityDelegation, CapabilityInvocation, KeyAgreement,
}

type relSet uint8

const signing relSet = 1<<0 | 1<<1 | 1<<2 | 1<<3 // every relationship but keyAgreement

// bit returns the set of r alone; the empty set if r is not a relationship.
func (r Relationship) bit() relSet {
	for i, known := range relationships {
		if r == known {
			return 1 << i
		}
	}
	return 0
}

func (s relSet) list() []Relationship {
	var list []Relationship
	for i, r := range relationships {
		if s&(1<<i) != 0 {
			list = append(list, r)
		}
	}
	return list
}
