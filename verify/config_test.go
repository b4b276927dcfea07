package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

func TestWEB10ConfigRefused(t *testing.T) {
	w := verifytest.NewWorld(t)
	for name, edit := range map[string]func(*verify.Config){
		"zero":              func(c *verify.Config) { *c = verify.Config{} },
		"no anchors":        func(c *verify.Config) { c.Anchors = nil },
		"zero anchor":       func(c *verify.Config) { c.Anchors = []verify.Anchor{{}} },
		"anchor twice":      func(c *verify.Config) { c.Anchors = append(c.Anchors, c.Anchors[0]) },
		"anchor's level":    func(c *verify.Config) { c.Anchors[0].MaxAssurance = "L9" },
		"no resolver":       func(c *verify.Config) { c.Resolver = nil },
		"no ledger":         func(c *verify.Config) { c.Ledger = nil },
		"TIM-05 skew":       func(c *verify.Config) { c.Skew = -1 },
		"TIM-05 large skew": func(c *verify.Config) { c.Skew = 5*time.Minute + 1 },
		"bounds":            func(c *verify.Config) { c.Bounds.Links = 11 },
		"negative bound":    func(c *verify.Config) { c.Bounds.StatusAge = -1 },
		"nil format":        func(c *verify.Config) { c.Formats = []credential.Format{nil} },
		"nil rule":          func(c *verify.Config) { c.Policy = []verify.Rule{{ID: "x"}} },
	} {
		t.Run(name, func(t *testing.T) {
			c := w.Config()
			edit(&c)
			v, err := verify.New(c)
			require.Error(t, err)
			require.Nil(t, v)
		})
	}
}
