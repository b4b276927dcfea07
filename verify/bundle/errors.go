package bundle

import (
	"fmt"

	"github.com/safeconduct/safeconduct/internal/code"
)

// below says of a refusal that it is about the part of the bundle at path.
func below(path string, err error) error {
	return code.At(code.Or(err, code.EnvelopeMalformed), path)
}

func inEntry(kind Kind, i int, err error) error {
	return below(fmt.Sprintf("/%s/%d/content", kind, i), err)
}
