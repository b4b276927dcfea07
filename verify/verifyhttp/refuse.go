package verifyhttp

import (
	"fmt"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/verify"
)

func fault(c verify.Code, format string, args ...any) error {
	return &code.Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}
