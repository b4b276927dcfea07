package readme

import (
	"errors"
	"log"

	"github.com/safeconduct/safeconduct/verify"
)

func snippetRefusal(err error) {
	var refusal *verify.Refusal
	if errors.As(err, &refusal) {
		for _, v := range refusal.Violations {
			log.Println(v)
		}
		if refusal.Verdict == verify.Undetermined && errors.Is(err, verify.StatusStale) {
			log.Println("fetch the status list again")
		}
	}
}

var _ = snippetRefusal
