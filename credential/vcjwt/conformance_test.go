package vcjwt_test

import (
	"testing"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestFormatKeepsItsRules(t *testing.T) {
	verifytest.TestFormat(t, func(testing.TB) credential.Format { return vcjwt.Format() })
}
