package verifycedar_test

import (
	"fmt"
	"log"

	verifycedar "github.com/safeconduct/safeconduct/integrations/cedar"
	"github.com/safeconduct/safeconduct/passport"
)

// Rules of the host in Cedar, pinned by their digest.
func ExampleRule() {
	policies := []byte(`
permit (principal, action in Action::"payments", resource);
forbid (principal, action, resource) when { context.amount.greaterThan(decimal("20.00")) };
`)
	rule, err := verifycedar.Rule(verifycedar.Config{Policies: policies, Digest: passport.Digest(policies)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rule.ID) // Policy: []verify.Rule{rule}, in verify.Config
	_, err = verifycedar.Rule(verifycedar.Config{Policies: append(policies, ' '), Digest: passport.Digest(policies)})
	fmt.Println(err != nil)
	// Output:
	// cedar:uEiA5ewpsY0_8Ug_yWFRcKtxWR25jg_f8aIFK2tzu7k8vfA
	// true
}
