package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// EProspera writes 100 owners, 80 Manifestations of Will that they have signed, 811 agent keys and 9 personal keys.
func EProspera(w io.Writer) error {
	owners, consents := list{name: "owners"}, list{name: "consents"}
	for i := range 100 {
		name := fmt.Sprintf("owner %d", i)
		o := object{
			"id": fmt.Sprintf("usr_%d", i), "name": name, "email": fmt.Sprintf("owner%d@example.org", i),
			"did": key(name).DID().String(), "created_at": at(i), "residency": "e-Resident", "status": "active",
		}
		switch i {
		case 90:
			o["did"] = "owner 90"
		case 91:
			o["email"] = "owner91"
		case 92:
			o["status"] = "deceased"
		case 93:
			o["email"] = "owner1@example.org"
		case 94:
			o["spending_limit"] = 5
		}
		owners.records = append(owners.records, o)
	}
	for i := range 80 {
		signer := key(fmt.Sprintf("owner %d", i))
		if i == 70 {
			signer = key("somebody else")
		}
		signed, err := passport.IssueManifestation(context.Background(), signer, passport.Manifestation{
			ID:              id("urn:safeconduct:manifestation:", i),
			StatementDigest: passport.Digest([]byte("I answer for what my agents do.")), ValidFrom: at(i),
		}, passport.IssueOptions{Now: func() time.Time { return at(i) }})
		if err != nil {
			return err
		}
		o := object{"owner": fmt.Sprintf("usr_%d", i), "credential": json.RawMessage(signed.Bytes())}
		switch i {
		case 60:
			o["withdrawn_at"], o["reason"] = at(100), "no more agents"
		case 71:
			o["owner"] = "usr_gone"
		case 72:
			delete(o, "credential")
		case 73:
			o["credential"] = object{"id": "urn:safeconduct:manifestation:typed-in", "signed": true}
		}
		consents.records = append(consents.records, o)
	}
	keys := list{name: "agent_keys"}
	read := []string{"agent:verify_rpn", "agent:entity.read"}
	write := []string{"agent:entity.application.create", "agent:entity.application.read"}
	faults := []fault{
		set("owner", "usr_gone"), without("owner"), set("hash", "ak-a-handle-that-nobody-should-export"),
		without("hash"), set("hash", hashOf("ak-sample-0")), set("scopes", []string{}),
		set("scopes", []string{"agent:payment.initiate"}), set("name", ""), set("status", "lost"), set("max_uses", 5),
		set("created_at", "monday"),
	}
	for i := range 811 {
		o := object{
			"id": id("agk_", i), "owner": fmt.Sprintf("usr_%d", i%60), "name": fmt.Sprintf("helper %d", i),
			"hash": hashOf(fmt.Sprintf("ak-sample-%d", i)), "prefix": "ak-", "status": "active", "created_at": at(i),
			"scopes": read,
		}
		switch i % 20 {
		case 3:
			o["scopes"] = write
		case 4:
			o["status"], o["revoked_at"], o["reason"] = "revoked", at(i+100), "not needed"
		case 5:
			o["status"], o["expires_at"] = "expired", at(i+100)
		case 6:
			o["scopes"] = append([]string{"agent:payment.initiate"}, read...) // withdrawn since
		}
		switch i {
		case 600: // whose owner has withdrawn what they signed
			o["owner"], o["scopes"] = "usr_60", write
		case 620: // whose owner has signed nothing
			o["owner"], o["scopes"] = "usr_85", write
		}
		if i%75 == 74 {
			faults[i/75%len(faults)](o)
		}
		keys.records = append(keys.records, o)
	}
	personal := list{name: "personal_keys"}
	for i := range 9 {
		personal.records = append(personal.records, object{"id": fmt.Sprintf("sk_%d", i)})
	}
	return written(w, owners, consents, keys, personal)
}
