package main

import (
	"context"
	"net/url"
	"strings"
)

// grantexURL is where the calls of Grantex are: the issuer of grant tokens.
func (s *Server) grantexURL() string { return s.URL + grantex.prefix() }

// grantexDID names the issuer of Grantex's passports. Its document is below [Server.grantexURL].
func (s *Server) grantexDID() string {
	rest := strings.TrimPrefix(s.grantexURL(), "https://")
	host, path, _ := strings.Cut(rest, "/")
	return "did:web:" + url.PathEscape(strings.ReplaceAll(host, ":", "%3A")) + ":" + strings.ReplaceAll(path, "/", ":")
}

// keySet is a JWKS.
type keySet struct {
	Keys []jwk `json:"keys"`
}

// G9: the keys of grant tokens and passports, and of the office itself.
func grantexKeySet(c *call) (any, error) {
	keys, err := c.grantexKeys(c.ctx())
	return keySet{keys}, err
}

// grantexKeys are those of tokens and passports, and the office's own under names as Grantex has them.
func (s *Server) grantexKeys(ctx context.Context) ([]jwk, error) {
	list, err := s.issuerKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := []jwk{s.tokens.jwk}
	for _, k := range list {
		own := k.jwk
		own.ID = "grantex-ed25519-" + strings.TrimPrefix(own.ID, kidPrefix)
		keys = append(keys, own)
	}
	return keys, nil
}

// grantexDocument is the DID document of the issuer.
func grantexDocument(c *call) (any, error) {
	type method struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Controller string `json:"controller"`
		Key        jwk    `json:"publicKeyJwk"`
	}
	type service struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Endpoint string `json:"serviceEndpoint"`
	}
	keys, err := c.grantexKeys(c.ctx())
	if err != nil {
		return nil, err
	}
	id := c.grantexDID()
	var methods []method
	var names []string
	for _, k := range keys {
		methods = append(methods, method{id + "#" + k.ID, "JsonWebKey2020", id, k})
		names = append(names, id+"#"+k.ID)
	}
	return struct {
		Context        []string  `json:"@context"`
		ID             string    `json:"id"`
		Methods        []method  `json:"verificationMethod"`
		Authentication []string  `json:"authentication"`
		Assertion      []string  `json:"assertionMethod"`
		Services       []service `json:"service"`
	}{
		[]string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"},
		id, methods, names, names,
		[]service{
			{id + "#jwks", "JsonWebKeySet", c.grantexURL() + "/.well-known/jwks.json"},
			{id + "#grant-protocol", "GrantexProtocol", c.grantexURL() + "/v1"},
		},
	}, nil
}
