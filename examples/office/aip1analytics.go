package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/verify"
)

// every returns every agent that the caller may list.
func (c *call) every() (list []*registry.AIP1Entry, err error) {
	q := registry.RecordQuery{Limit: 200}
	for {
		page, err := c.Office.AIP1.List(c.ctx(), c.by, q)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Agents...)
		if err := c.counted(len(list), "agents", "list them by cursor"); err != nil {
			return nil, err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return list, nil
		}
	}
}

// own returns what selects the decisions on each passport of the caller's own that was alive at an instant or later.
// The store knows agents by their DID alone, and two tenants may each have an agent of one DID: what the other's has
// done is not shown.
func (c *call) own(since time.Time) (list []store.Query, err error) {
	known, read := map[string]string{}, 0
	for q := (registry.PassportQuery{Limit: 200}); ; {
		page, err := c.Office.Passports.List(c.ctx(), c.by, q)
		if err != nil {
			return nil, err
		}
		read += len(page.Items)
		if err := c.counted(read, "passports", "the store has their decisions"); err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			if p.Agent == "" || p.ExpiresAt.Before(since) { // that of an agent key has no agent
				continue
			}
			agent, err := c.didOf(p.Agent, known)
			if err != nil {
				return nil, err
			}
			list = append(list, store.Query{Agent: agent, Passport: p.ID})
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return list, nil
		}
	}
}

// aip1Hour is what was verified in an hour.
type aip1Hour struct {
	Hour   time.Time `json:"hour"`
	Total  int64     `json:"total"`
	Passed int64     `json:"passed"`
	Failed int64     `json:"failed"`
}

// hoursShown is how many hours the breakdown has: those of a day, the one that goes on among them.
const hoursShown = 24

// hourly counts the decisions on the caller's own passports in each of the last hours, the oldest first.
func (c *call) hourly() ([]aip1Hour, error) {
	first := c.Now().UTC().Truncate(time.Hour).Add(-(hoursShown - 1) * time.Hour)
	list := make([]aip1Hour, hoursShown)
	for i := range list {
		list[i].Hour = first.Add(time.Duration(i) * time.Hour)
	}
	own, err := c.own(first)
	if err != nil {
		return nil, err
	}
	for _, q := range own {
		q.From, q.Until = first, first.Add(hoursShown*time.Hour)
		hours, err := c.Store.Hours(c.ctx(), q)
		if err != nil {
			return nil, err
		}
		for _, h := range hours {
			at := &list[h.Start.Sub(first)/time.Hour]
			at.Total += h.Count
			if h.Verdict == verify.Allow {
				at.Passed += h.Count
			} else {
				at.Failed += h.Count
			}
		}
	}
	return list, nil
}

// A8. Counts are those of the caller's own agents.
func aip1Analytics(c *call) (any, error) {
	type score struct {
		AgentID string  `json:"agent_id"`
		Score   float64 `json:"score"`
	}
	var out struct {
		Overview struct {
			TotalAgents        int   `json:"total_agents"`
			ActiveAgents       int   `json:"active_agents"`
			TotalVerifications int64 `json:"total_verifications"`
			RevokedAgents      int   `json:"revoked_agents"`
		} `json:"overview"`
		Hourly      []aip1Hour `json:"hourly"`
		TrustScores []score    `json:"trust_scores"`
	}
	out.TrustScores = []score{}
	list, err := c.every()
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if e, err = c.Office.AIP1.Get(c.ctx(), c.by, "", e.ID); err != nil {
			return nil, err
		}
		out.Overview.TotalAgents++
		if e.Status == registry.Active {
			out.Overview.ActiveAgents++
		}
		if e.Revoked {
			out.Overview.RevokedAgents++
		}
		out.Overview.TotalVerifications += e.History.TotalIntents
		out.TrustScores = append(out.TrustScores, score{e.ID, e.TrustScore})
	}
	out.Hourly, err = c.hourly()
	return out, err
}

// A8: the newest decisions on the caller's own agents.
func aip1Verifications(c *call) (any, error) {
	type verification struct {
		ID         string    `json:"id"`
		AgentID    string    `json:"agent_id"`
		Action     string    `json:"action"`
		Passed     bool      `json:"passed"`
		TrustScore float64   `json:"trust_score"`
		LatencyMS  float64   `json:"latency_ms"`
		Timestamp  time.Time `json:"timestamp"`
	}
	limit, err := most(c.q["limit"])
	if err != nil {
		return nil, err
	}
	limit = cmp.Or(limit, 50)
	agents, err := c.every()
	if err != nil {
		return nil, err
	}
	scores := map[string]float64{}
	for _, e := range agents {
		if c.q["agent_id"] == "" || c.q["agent_id"] == e.ID {
			scores[e.ID] = e.TrustScore
		}
	}
	own, err := c.own(time.Time{})
	if err != nil {
		return nil, err
	}
	list := []verification{}
	for _, q := range own {
		today, ok := scores[q.Agent]
		if !ok {
			continue
		}
		q.Limit = limit
		page, err := c.Store.Decisions(c.ctx(), q)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Decisions {
			trust := today
			if d.Scored {
				trust = float64(d.Score) / 1000 // as it was then
			}
			list = append(list, verification{
				"vrf_" + d.Decision, q.Agent, d.Action, d.Verdict == verify.Allow, trust,
				float64(d.Took.Microseconds()) / 1000, d.At.UTC(),
			})
		}
	}
	slices.SortStableFunc(list, func(a, b verification) int { return b.Timestamp.Compare(a.Timestamp) })
	return struct {
		Verifications []verification `json:"verifications"`
	}{list[:min(limit, len(list))]}, nil
}
