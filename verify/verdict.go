package verify

import "fmt"

// Verdict is the outcome of a decision. The zero Verdict is Deny.
type Verdict uint8

// The verdicts.
const (
	Deny         Verdict = iota // no
	Undetermined                // it could not be found out; refused all the same
	Allow                       // yes
)

var verdictNames = [...]string{"deny", "undetermined", "allow"}

// String returns "deny", "undetermined" or "allow".
func (v Verdict) String() string {
	if int(v) >= len(verdictNames) {
		return "deny"
	}
	return verdictNames[v]
}

// MarshalText writes the verdict as String does.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads exactly the three words; anything else is an error and
// leaves Deny.
func (v *Verdict) UnmarshalText(text []byte) error {
	*v = Deny
	for i, name := range verdictNames {
		if name == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("verify: %.20q is not a verdict", text)
}
