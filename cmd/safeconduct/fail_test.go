package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// An error that is of several, within another one, is told in one line, and each of them once.
func TestErrorsAreToldInOneLine(t *testing.T) {
	one, two := errors.New("the disk is full"), errors.New("the target is away")
	for want, err := range map[string]error{
		"the disk is full": one,
		"cannot publish: the disk is full; the target is away": ioFailure(errors.Join(one, two), "cannot publish"),
		"the disk is full; the target is away":                 errors.Join(one, errors.Join(two, one)),
		"a: the disk is full":                                  fmt.Errorf("a: %w\n", one),
	} {
		require.Equal(t, want, oneLine(err))
	}
}
