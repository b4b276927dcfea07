package packs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// otherTypes are values of other types than one that a limit has. null is not among
// them: in a block of limits it stands for "none".
func otherTypes(v any) []any {
	values := map[string]any{"text": "x", "number": 1.5, "true": true, "false": false, "list": []any{},
		"object": map[string]any{}}
	switch v.(type) {
	case string:
		delete(values, "text")
	case float64:
		delete(values, "number")
	case bool:
		delete(values, "true")
		delete(values, "false")
	case []any:
		delete(values, "list")
	case map[string]any:
		delete(values, "object")
	}
	var out []any
	for _, other := range values {
		out = append(out, other)
	}
	return out
}

// each calls yield with every value below v, and with what puts another in its place.
func each(v any, path string, yield func(path string, v any, put func(any))) {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			yield(path+"/"+name, m, func(other any) { v[name] = other })
			each(m, path+"/"+name, yield)
		}
	case []any:
		for i, m := range v {
			yield(fmt.Sprint(path, "/", i), m, func(other any) { v[i] = other })
			each(m, fmt.Sprint(path, "/", i), yield)
		}
	}
}

// P13: a limit of another type than the pack reads is no way around it: an act that
// is denied stays denied, whichever of its limits is written so.
func TestP13LimitsOfAnotherTypeDeny(t *testing.T) {
	all := published(t)
	for _, c := range vectors(t) {
		act := c.act(t)
		if all[c.Pack].Judge(packs.Strict, act).Allowed() {
			continue
		}
		var limits any
		require.NoError(t, json.Unmarshal(c.Limits, &limits))
		each(limits, "", func(path string, v any, put func(any)) {
			for _, other := range otherTypes(v) {
				put(other)
				text, err := json.Marshal(limits)
				require.NoError(t, err)
				act.Limits, err = credential.ParseValue(string(text))
				require.NoError(t, err)
				require.False(t, all[c.Pack].Judge(packs.Strict, act).Allowed(), "%s: %s is %v", c.ID, path, other)
			}
			put(v)
		})
	}
}

// P13: the format uri is that of RFC 3986, as ajv has it.
func TestP13FormatURI(t *testing.T) {
	pack, err := packs.Load([]byte(`{"id": "acme.call.v1", "capabilities": ["acme.call"], "assurance": "L0",
		"required": ["server"], "context": {"server": {"type": "string", "format": "uri"}},
		"rules": [{"code": "x", "require": "has(context.server)"}]}`), "")
	require.NoError(t, err)
	for uri, ok := range map[string]bool{
		"https://a.example": true, "https://a.example:80/x?y=[z]": false, "https://a.example/%41": true,
		"urn:x:y":              true,
		"https://a.example/%4": false, "https://a.example/%zz": false, "https://a.example/ü": false,
		"https://ä.example":    false,
		"https://a.example/ x": false, "https://a.example/\x7f": false, "https://a.example/#a": true,
		"https://a.example/#a#b": false,
		"https://[::1]/":         true, "https://u@[2001:db8::1]:80/x": true, "https://[::1": false, "https://[::1]x/": false,
		"https://[a.example]/": false, "https://a.example/[::1]": false, "https://a.example]": false, "//a.example": false,
		"1a:b": false, "a.example": false, "": false,
	} {
		text, err := json.Marshal(map[string]string{"server": uri})
		require.NoError(t, err)
		act := &packs.Act{Holder: packs.Holder{Status: "active", Assurance: "L0", Capabilities: []string{"acme.call"}}}
		act.Context, err = credential.ParseValue(string(text))
		require.NoError(t, err)
		for _, r := range []packs.Reading{packs.Strict, packs.Compatible} {
			require.Equal(t, ok, pack.Judge(r, act).Allowed(), "%q", uri)
		}
	}
}

// P13: a limit of 0 is no limit where the published rule says so; strictly it is 0.
func TestP13LimitsOfZero(t *testing.T) {
	all := published(t)
	for _, row := range []struct{ id, limit, member string }{
		{"agent.session.create/ok", "max_session_duration", "requested_duration"},
		{"mcp.tool.execute/ok", "max_timeout", "timeout"},
		{"system.command.execute/ok", "max_execution_time", "timeout"},
	} {
		found := false
		for _, c := range vectors(t) {
			if c.ID != row.id {
				continue
			}
			found = true
			set := func(raw json.RawMessage, name string, n float64) (v credential.Value) {
				var all map[string]any
				require.NoError(t, json.Unmarshal(raw, &all))
				all[name] = n
				text, err := json.Marshal(all)
				require.NoError(t, err)
				v, err = credential.ParseValue(string(text))
				require.NoError(t, err)
				return v
			}
			act := c.act(t)
			act.Limits, act.Context = set(c.Limits, row.limit, 0), set(c.Context, row.member, 60)
			require.True(t, all[c.Pack].Judge(packs.Compatible, act).Allowed(), row.id)
			require.False(t, all[c.Pack].Judge(packs.Strict, act).Allowed(), row.id)
			act.Limits = set(c.Limits, row.limit, 59)
			require.False(t, all[c.Pack].Judge(packs.Compatible, act).Allowed(), row.id)
		}
		require.True(t, found, row.id)
	}
}

// P13: an address about which clients differ has no host, and a command begins with
// its first character, as in the published rule.
func TestP13WhatReadersDifferAbout(t *testing.T) {
	all := published(t)
	judge := func(id, member, text, limit string) packs.Verdict {
		for _, c := range vectors(t) {
			if c.ID == id {
				act := c.act(t)
				context, err := json.Marshal(map[string]string{member: text})
				require.NoError(t, err)
				act.Context, err = credential.ParseValue(string(context))
				require.NoError(t, err)
				act.Limits, err = credential.ParseValue(limit)
				require.NoError(t, err)
				return all[c.Pack].Judge(packs.Strict, act)
			}
		}
		t.Fatal(id)
		return packs.Verdict{}
	}
	for url, ok := range map[string]bool{
		"https://example.com": true, "https://user:p@example.com": true, "https://a@b@example.com": false,
		"https://evil.test@@example.com": false, "https://xn--bcher-kva.example.com": true,
		"https://bücher.example.com": false, "https://evil.test℀.example.com": false, "https://evil.test／.example.com": false,
		"https://ｅxample.com": false,
	} {
		v := judge("web.fetch/ok", "url", url, `{"allowed_domains":["example.com"]}`)
		require.Equal(t, ok, v.Allowed(), "%s: %s", url, v.OAP())
	}
	for command, ok := range map[string]bool{
		"git": true, "git status": true, "git\tstatus": true, " git": false, "\tgit": false, "\u00a0git": false,
	} {
		v := judge("system.command.execute/ok", "command", command, `{"allowed_commands":["git"]}`)
		require.Equal(t, ok, v.Allowed(), "%q: %s", command, v.OAP())
	}
}
