package readme

import (
	"errors"
	"log"

	"github.com/safeconduct/safeconduct/verify"
)

func snippetRefusal(err error) {
	var refusal *verify.Refusal
	if errors.As(err, &refusal) && errors.Is(err, verify.StatusStale) {
		log.Println("fetch the status list again:", refusal)
	}
}

var _ = snippetRefusal
