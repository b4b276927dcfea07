package aip1

import "time"

// mandated judges the mandate. A mandate is for the agent, by its principal.
func (a *attempt) mandated() *Error {
	if a.mandate == "" {
		if a.RequireMandate {
			return refuse(MandateRequired, "", "there is no mandate: nobody but the agent has signed its limits")
		}
		return nil
	}
	m, err := a.Reading.parse(mandateModel, a.mandate)
	if err != nil {
		if a.strict() {
			err = refuse(MandateInvalid, "", "the mandate: %v", err.first().Detail)
		}
		return err
	}
	if a.strict() {
		if err := a.labelledMandate(m); err != nil {
			return err
		}
	}
	message, known := m.canonical()
	signature, ok := a.Reading.signature(m.get("proof", "proof_value").text)
	if !known || !ok || !holds(a.IssuerKey, message, signature) {
		return refuse(MandateInvalid, "", "the mandate's signature does not hold under the issuer's key")
	}
	var codes []Code
	if m.get("subject").text != a.agent() {
		codes = append(codes, MandateSubjectMismatch)
	}
	if end := m.get("expires_at"); !end.null && a.at.After(end.at.Time) {
		codes = append(codes, MandateExpired)
	}
	if codes != nil {
		return refuseAll(codes, "", "the mandate is for another agent, or has ended")
	}
	a.m = m
	return nil
}

func (a *attempt) labelledMandate(m *record) *Error {
	bad := func(detail string) *Error { return refuse(MandateInvalid, "", "the mandate: %s", detail) }
	switch {
	case labelled(m) != nil:
		return bad("its proof is of another kind, or by another's key")
	case m.get("@type").text != typeMandate || m.get("@context").text != Context:
		return bad("want a Mandate of " + Context)
	case m.get("mandate_id").text == "":
		return bad("it has no id")
	case m.get("issuer").text != a.e.get("principal", "id").text:
		return bad("it is not by the principal of the envelope")
	case m.get("issued_at").at.After(a.at.Add(Skew)):
		return bad("it is of the future")
	}
	return nil
}

// within judges the act against the boundaries: in the strict reading against
// those of the envelope and of the mandate, whichever is narrower; in the
// compatible one the mandate's take the place of the envelope's.
func (a *attempt) within() *Error {
	all := []*record{a.e.get("boundaries").rec}
	if a.m != nil {
		if all = append(all, a.m.get("boundaries").rec); !a.strict() {
			all = all[1:]
		}
	}
	broken := map[Code]bool{}
	for _, b := range all {
		if err := a.inside(b, broken); err != nil {
			return err
		}
	}
	var codes []Code
	for _, c := range []Code{ActionDenied, ActionNotAllowed, MonetaryLimit, TimeWindowViolation, GeoRestriction} {
		if broken[c] {
			codes = append(codes, c)
		}
	}
	if codes != nil {
		return refuseAll(codes, "/intent", "the act is outside of the boundaries")
	}
	return nil
}

// sinceYesterday is where the rolling window of per_day begins.
func (a *attempt) sinceYesterday() time.Time { return a.at.Add(-window) }
