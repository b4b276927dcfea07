package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/safeconduct/safeconduct/passport/registry"
)

// system is one of the four: how its callers show who they are, and how it answers.
type system string

const (
	grantex   system = "grantex"
	aip1      system = "aip1"
	aport     system = "aport"
	eprospera system = "eprospera"
)

var systems = []system{grantex, aip1, aport, eprospera}

// nobody is the name of the zero actor.
const nobody = "nobody"

func (sys system) prefix() string { return "/" + string(sys) }

// systemOf returns whose path it is.
func systemOf(path string) system {
	for _, sys := range systems {
		if path == sys.prefix() || strings.HasPrefix(path, sys.prefix()+"/") {
			return sys
		}
	}
	return grantex
}

var unauthenticated = refuse(registry.Unauthenticated, 0, "a credential of this system is needed")

// missingToken is what e-Próspera answers to who sends none at all.
var missingToken = refuse("MISSING_TOKEN", http.StatusUnauthorized, "a credential of this system is needed")

// auth returns who calls. A credential of another system, and one that is no good, are one answer.
func (sys system) auth(c *call) (registry.Actor, error) {
	h := c.r.Header
	bearer := bearerOf(h)
	for _, name := range []string{"Authorization", "X-API-Key", "X-Org-Key-Id"} {
		if len(h.Values(name)) > 1 { // which of them counts would be a guess
			return registry.Actor{}, unauthenticated
		}
	}
	switch sys {
	case grantex:
		return c.key("", bearer, "gx_live_")
	case aip1:
		// Its own command line sends a key as a bearer token.
		if key := h.Get("X-API-Key"); key != "" {
			return c.key("", key, "kya_live_")
		}
		if strings.HasPrefix(bearer, "kya_live_") {
			return c.key("", bearer, "kya_live_")
		}
		return c.session(bearer)
	case aport:
		if id := h.Get("X-Org-Key-Id"); id != "" {
			if !strings.HasPrefix(id, "orgkey_") {
				return registry.Actor{}, unauthenticated
			}
			return c.key(id, bearer, "")
		}
		if strings.HasPrefix(bearer, "apk_") {
			return c.key("", bearer, "apk_")
		}
		return c.session(bearer)
	}
	switch {
	case h.Get("Authorization") == "":
		return registry.Actor{}, missingToken
	case bearer == "":
		return registry.Actor{}, unauthenticated
	}
	// The gate says more of a personal key than that it is none of an agent.
	if !strings.HasPrefix(bearer, "sk-") {
		if _, _, err := c.Office.AgentKeys.Resolve(c.ctx(), bearer); err != nil {
			return registry.Actor{}, unauthenticated
		}
	}
	return registry.Actor{}, nil
}

// bearerOf returns the token of "Authorization: Bearer token" (RFC 6750 §2.1), which is how the clients of all four
// send one; "" for another scheme, and for none.
func bearerOf(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.ContainsAny(token, " \t,") {
		return ""
	}
	return token
}

func (c *call) key(id, secret, prefix string) (registry.Actor, error) {
	if secret == "" || !strings.HasPrefix(secret, prefix) {
		return registry.Actor{}, unauthenticated
	}
	by, err := c.Office.Authenticate(c.ctx(), id, secret)
	if codeOf(err) == registry.Unauthenticated {
		return registry.Actor{}, unauthenticated
	}
	return by, err
}

func (c *call) session(token string) (registry.Actor, error) {
	if by, ok := c.Session(c.ctx(), token); ok && token != "" {
		return by, nil
	}
	return registry.Actor{}, unauthenticated
}

// codeOf returns the code of an error of the office; "" for others.
func codeOf(err error) registry.Code {
	if e := (*registry.Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// shape is an error as the system answers it.
func (sys system) shape(v registry.P12) any {
	switch sys {
	case grantex:
		if v.Code == registry.Unauthenticated {
			v.Code = "UNAUTHORIZED"
		}
		return struct {
			Message   string        `json:"message"`
			Code      registry.Code `json:"code"`
			RequestID string        `json:"requestId"`
		}{v.Error, v.Code, v.RequestID}
	case aip1:
		return struct {
			Detail    string        `json:"detail"`
			Code      registry.Code `json:"code"`
			RequestID string        `json:"request_id"`
		}{v.Error, v.Code, v.RequestID}
	case eprospera:
		word := strings.ToLower(string(v.Code))
		if v.Code == registry.Unauthenticated {
			word = "invalid_token"
		}
		return problem{Error: word, Description: v.Error}
	}
	return v
}

// problem is an error of e-Próspera.
type problem struct {
	Error       string   `json:"error"`
	Description string   `json:"error_description,omitempty"`
	Details     []string `json:"details,omitempty"`
}
