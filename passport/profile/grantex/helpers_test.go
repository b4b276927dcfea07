package grantex_test

import (
	"encoding/base64"
	"strings"
)

// edit changes a text in the object around the JWT.
func edit(header, old, new string) string {
	raw, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil || !strings.Contains(string(raw), old) {
		panic("there is no " + old)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(raw), old, new, 1)))
}
