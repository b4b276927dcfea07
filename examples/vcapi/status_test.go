package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/statuslist"
)

type entry struct {
	ID, Type, StatusPurpose, StatusListIndex, StatusListCredential string
}

func (c *client) withStatus(t testing.TB) (json.RawMessage, entry) {
	signed := c.mustIssue(t, "/status", c.credential("issuer", "", "credentialSubject", `{"id":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}`))
	var doc struct {
		Issuer           string
		CredentialStatus entry
		Subject          json.RawMessage `json:"credentialSubject"`
	}
	require.NoError(t, json.Unmarshal(signed, &doc))
	require.Equal(t, c.issuer.DID().String(), doc.Issuer, "filled in")
	require.JSONEq(t, `{"id":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}`, string(doc.Subject))
	return signed, doc.CredentialStatus
}

// Section 4.4: the entry, the list, and what revocation does.
func TestStatus(t *testing.T) {
	c := start(t)
	signed, e := c.withStatus(t)
	require.Equal(t, "BitstringStatusListEntry", e.Type)
	require.Equal(t, "revocation", e.StatusPurpose)
	require.Regexp(t, `^(0|[1-9]\d*)$`, e.StatusListIndex)
	require.NotEqual(t, e.ID, e.StatusListCredential)
	require.Empty(t, c.verify(t, signed))

	resp, err := c.http.Client().Get(e.StatusListCredential)
	require.NoError(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var list struct {
		Context []string `json:"@context"`
		Type    []string
		Issuer  string
		Subject m `json:"credentialSubject"`
	}
	require.NoError(t, json.Unmarshal(raw, &list))
	require.Equal(t, v2, list.Context[0])
	require.Equal(t, []string{"VerifiableCredential", "BitstringStatusListCredential"}, list.Type)
	require.Equal(t, "BitstringStatusList", list.Subject["type"])
	require.Equal(t, "revocation", list.Subject["statusPurpose"])
	require.Regexp(t, `^uH4s`, list.Subject["encodedList"])
	require.Empty(t, c.verify(t, json.RawMessage(raw)), "a list is a credential")

	index, err := strconv.Atoi(e.StatusListIndex)
	require.NoError(t, err)
	require.NoError(t, c.lists.publisher.Set(index, 1))
	c.now = func() time.Time { return testNow.Add(time.Second) }
	c.lists.now = c.now
	require.Contains(t, c.verify(t, signed), "revocation is set")
	neighbour, _ := c.withStatus(t)
	require.Empty(t, c.verify(t, neighbour))
}

// The suite's client reads a body only if its media type has "json" in it, and
// says so in Accept.
func TestStatusListMediaType(t *testing.T) {
	c := start(t)
	for accept, want := range map[string]string{
		"":                                      "application/vc",
		"*/*":                                   "application/vc",
		"text/html, application/*;q=0.9":        "application/vc",
		"application/ld+json, application/json": "application/ld+json",
		"application/json":                      "application/json",
		"Application/JSON; q=0.5":               "application/json",
		"application/vc, application/ld+json":   "application/vc",
		"text/html":                             "application/vc",
		"text/":                                 "application/vc",
	} {
		req, err := http.NewRequest(http.MethodGet, c.base+listPath, nil)
		require.NoError(t, err)
		if accept != "" {
			req.Header.Set("Accept", accept)
		}
		resp, err := c.http.Client().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, want, resp.Header.Get("Content-Type"), accept)
	}
}

// Sections 4.4 and 5: entries that lead nowhere.
func TestStatusMustReject(t *testing.T) {
	c := start(t)
	url := c.base + listPath
	entry := func(pairs ...string) string {
		return string(edited(m{"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
			"statusListIndex": "7", "statusListCredential": url}, did.DID{}, pairs...))
	}
	require.Empty(t, c.verify(t, c.sign(t, c.credential("credentialStatus", entry()), credential.SignOptions{})))
	for name, e := range map[string]string{
		"index out of range":          entry("statusListIndex", `"131072"`),
		"index negative":              entry("statusListIndex", `"-1"`),
		"index with a leading zero":   entry("statusListIndex", `"07"`),
		"another purpose":             entry("statusPurpose", `"suspension"`),
		"a list of somebody else":     entry("statusListCredential", `"https://x.example/list"`),
		"id is the list":              entry("id", `"`+url+`"`),
		"list without index":          entry("statusListIndex", ""),
		"entry of the other encoding": entry("type", `"StatusList2021Entry"`),
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := credential.SignJSON(context.Background(), c.issuer, c.credential("credentialStatus", e, "@context", contextList(`,"`+examples+`"]`)),
				credential.SignOptions{Profile: credential.Conformance})
			if err != nil {
				return // not even signed
			}
			require.NotEmpty(t, c.verify(t, json.RawMessage(doc.Bytes())))
		})
	}
	other, err := did.GenerateKey()
	require.NoError(t, err)
	doc, err := credential.SignJSON(context.Background(), other,
		[]byte(strings.ReplaceAll(string(c.credential("credentialStatus", entry())), c.issuer.DID().String(), other.DID().String())), credential.SignOptions{})
	require.NoError(t, err)
	require.Contains(t, c.verify(t, json.RawMessage(doc.Bytes())), statuslist.ErrVerification.Error())
	_, problems := c.issue(t, "/status", c.credential("credentialStatus", status))
	require.NotEmpty(t, problems)
}
