package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/statuslist"
)

const orgPrefix = "ap_org_"

// G12: the list of an organisation. A passport that is suspended reads as revoked meanwhile: there is no other bit.
// As there, nobody has signed the list: what is signed are those of the office.
func grantexStatus(c *call) (any, error) {
	id := c.r.PathValue("id")
	org, number, _ := strings.Cut(strings.TrimPrefix(id, listPrefix), "-")
	if n, err := strconv.Atoi(number); err != nil || n < 1 || !strings.HasPrefix(id, listPrefix) {
		return nil, errNoList
	}
	bits, err := c.bits(c.ctx(), id, orgPrefix+org, "/"+string(statuslist.Revocation)+"-"+number)
	if err != nil {
		return nil, err
	}
	type subject struct {
		ID      string `json:"id"`
		Type    string `json:"type"`
		Purpose string `json:"statusPurpose"`
		Encoded string `json:"encodedList"`
	}
	url := c.grantexURL() + "/v1/credentials/status/" + id
	return struct {
		Context []string `json:"@context"`
		ID      string   `json:"id"`
		Type    []string `json:"type"`
		Issuer  string   `json:"issuer"`
		Issued  string   `json:"issued"`
		Subject subject  `json:"credentialSubject"`
	}{
		[]string{"https://www.w3.org/ns/credentials/v2", "https://w3id.org/vc/status-list/2021/v1"}, url,
		[]string{"VerifiableCredential", "StatusList2021Credential"}, c.grantexDID(), instant(c.Now()),
		subject{url + "#list", "StatusList2021", "revocation", bits},
	}, nil
}

var errNoList = refuse(registry.NotFound, 0, "there is no such status list")

// wornList are the bits of an organisation's passports on a list, encoded, as of editions of the office's lists.
type wornList struct {
	bits     string
	editions map[string]*statuslist.Fetched // by their URLs
}

// bits are those of an organisation's passports on one of the office's lists. What is public is asked for by anybody,
// so the passports are gone through again only after the office has published another edition of the lists that they
// are on.
func (s *Server) bits(ctx context.Context, id, org, list string) (string, error) {
	s.mu.Lock()
	known := s.lists[id]
	s.mu.Unlock()
	if known != nil && s.current(ctx, known) {
		return known.bits, nil
	}
	made := &wornList{editions: map[string]*statuslist.Fetched{}}
	for {
		// The editions are looked at first: what changes while the passports are gone through makes others.
		for url := range made.editions {
			edition, err := s.published.StatusList(ctx, url)
			if err != nil {
				s.Log.ErrorContext(ctx, "a list could not be read", "list", url, "err", err)
				return "", refuse(registry.Internal, http.StatusServiceUnavailable, "ask again")
			}
			made.editions[url] = edition
		}
		more, err := s.gather(ctx, made, org, list)
		if err != nil {
			return "", err
		}
		if !more {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[id] = made
	return made.bits, nil
}

// current reports whether nothing was published since a list was made.
func (s *Server) current(ctx context.Context, l *wornList) bool {
	for url, edition := range l.editions {
		if now, err := s.published.StatusList(ctx, url); err != nil || now != edition {
			return false
		}
	}
	return true
}

// gather goes through the passports of an organisation. more says that they are on lists whose editions were not looked
// at before.
func (s *Server) gather(ctx context.Context, l *wornList, org, list string) (more bool, err error) {
	out, err := statuslist.New(1<<17, 1)
	if err != nil {
		return false, err
	}
	there := false
	for q := (registry.PassportQuery{Org: org, Limit: 200}); ; {
		page, err := s.Office.Passports.List(ctx, registry.Root(), q)
		if err != nil {
			return false, errNoList
		}
		for _, p := range page.Items {
			at := -1
			for _, place := range p.Places {
				if place.Purpose == statuslist.Revocation && strings.HasSuffix(place.List, list) {
					at = place.Index
				}
			}
			if p.Grant == "" || at < 0 {
				continue
			}
			there = true
			signed, err := credential.ParseValue(p.Credential)
			if err != nil {
				return false, err
			}
			// What stops it may be a bit of its organisation, its principal or the office, on another list.
			for entry := range signed.Get("credentialStatus").Items() {
				url := entry.Get("statusListCredential").Str()
				if _, ok := l.editions[url]; !ok {
					l.editions[url], more = nil, true
				}
			}
			if p.Status == registry.Revoked || p.Status == registry.Suspended {
				if err := out.Set(at, 1); err != nil {
					return false, err
				}
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if !there {
		return false, errNoList // also of an organisation that has none
	}
	l.bits = out.Encode(statuslist.StatusList2021)
	return more, nil
}
