package registry

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Mail is the content of a mail to an owner, as data: the host has the address, the layout and the language.
type Mail struct {
	Kind    string // what it is about: an event, or "digest"
	Owner   string // id of whom it is to
	Subject string
	Lines   []string   // paragraphs
	Rows    [][]string `json:",omitempty"` // a table; the first row names the columns
}

// reminder is what an owner is told with whatever lets agents act for them.
const reminder = "You are legally responsible for what agents do with your keys. " +
	"Look at what they do, and revoke keys that you no longer use."

// mails are the events that are told to the owner.
var mails = map[string]func(m *Mail, d *mailData){
	"consent.given": func(m *Mail, d *mailData) {
		m.Subject = "You have signed a Manifestation of Will"
		m.Lines = []string{
			"Agent keys that you make can now act for you and change things.", "Digest: " + d.Digest, reminder,
		}
		if d.Type == Acceptance {
			m.Subject = "You have accepted an agreement"
			m.Lines = []string{"It applies to: " + d.Kind + ".", "Digest: " + d.Digest}
		}
	},
	"consent.withdrawn": func(m *Mail, d *mailData) {
		m.Subject = "You have withdrawn a consent"
		m.Lines = []string{
			fmt.Sprintf("Agent keys that stood on it and are revoked: %d.", d.Keys), "Digest: " + d.Digest,
		}
	},
	"application.created": written("Your agent has created an application for a legal entity"),
	"checkout.created":    written("Your agent has created a checkout session"),
	"coupon.applied":      written("Your agent has paid for an application"),
}

// mailData is what the events of mails carry.
type mailData struct {
	Owner, Digest, Kind string
	Type                ConsentType
	Keys                int
	Key                 string
	Operation, Resource string
	At                  time.Time
}

// written is the mail about something that was written with a key.
func written(subject string) func(m *Mail, d *mailData) {
	return func(m *Mail, d *mailData) {
		m.Subject = subject
		m.Lines = []string{"Key: " + d.Key, "Operation: " + d.Operation, "At: " + d.At.UTC().Format(time.RFC3339)}
		if d.Resource != "" {
			m.Lines = append(m.Lines, "About: "+d.Resource)
		}
		m.Lines = append(m.Lines, reminder)
	}
}

// MailOf returns the mail that tells an owner of an event; ok is false for events that are not told to owners.
func MailOf(e Event) (m Mail, ok bool) {
	f := mails[e.Type]
	var d mailData
	if f == nil || json.Unmarshal(e.Data, &d) != nil || d.Owner == "" {
		return Mail{}, false
	}
	m = Mail{Kind: e.Type, Owner: d.Owner}
	f(&m, &d)
	return m, true
}

// Mail returns the content of the weekly mail.
func (d *Digest) Mail() Mail {
	m := Mail{
		Kind: "digest", Owner: d.Owner, Subject: "What agents did with your keys",
		Lines: []string{
			"From " + d.From.Format(time.DateOnly) + " to " + d.Until.AddDate(0, 0, -1).Format(time.DateOnly) + ":",
			reminder,
		},
		Rows: [][]string{{"Key", "Scopes", "Last used", "Activity", "Refused", "Advice"}},
	}
	for _, k := range d.Keys {
		used, advice := "never", ""
		if !k.LastUsed.IsZero() {
			used = k.LastUsed.In(d.Until.Location()).Format(time.DateTime)
		}
		if k.Idle {
			advice = "not used this week: revoke it if nobody needs it"
		}
		var activity []string
		for _, a := range k.Activity {
			activity = append(activity, fmt.Sprintf("%s: %d", a.Operation, a.Count))
		}
		m.Rows = append(m.Rows, []string{
			k.Name, strings.Join(k.Scopes, ", "), used, strings.Join(activity, "; "), fmt.Sprint(k.Denied), advice,
		})
	}
	return m
}
