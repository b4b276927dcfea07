package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// grantexBudget is a budget as Grantex shows it. Amounts are texts with at least four places.
type grantexBudget struct {
	ID              string `json:"id"`
	GrantID         string `json:"grantId"`
	DeveloperID     string `json:"developerId"`
	InitialBudget   string `json:"initialBudget"`
	RemainingBudget string `json:"remainingBudget"`
	Currency        string `json:"currency"`
	CreatedAt       string `json:"createdAt"`
	UpdatedAt       string `json:"updatedAt"`
}

// budgetID is the name of a grant's one budget.
func budgetID(grant string) string { return "bdg_" + strings.TrimPrefix(grant, "grnt_") }

func budgetView(b *registry.Budget) grantexBudget {
	v := grantexBudget{
		ID: budgetID(b.Grant), GrantID: b.Grant, DeveloperID: b.Org, InitialBudget: fourPlaces(b.Allocated),
		RemainingBudget: fourPlaces(b.Remaining()), Currency: b.Allocated.Currency(), CreatedAt: instant(b.At),
		UpdatedAt: instant(b.At),
	}
	if !b.UpdatedAt.IsZero() {
		v.UpdatedAt = instant(b.UpdatedAt)
	}
	return v
}

// fourPlaces writes an amount as a column of four decimal places does. Nothing is rounded.
func fourPlaces(m passport.Money) string {
	whole, fraction, _ := strings.Cut(m.Amount(), ".")
	return whole + "." + fraction + strings.Repeat("0", max(0, 4-len(fraction)))
}

// amount reads a JSON number, as clients without decimal numbers write it: 50.0 is 50.
func amount(n number, currency string) (passport.Money, error) {
	text := string(n)
	if whole, fraction, ok := strings.Cut(text, "."); ok && !strings.ContainsAny(fraction, "eE") {
		if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
			whole += "." + fraction
		}
		text = whole
	}
	return passport.ParseMoney(text, currency)
}

// granted returns the grant that a call is about. Budgets are for grants that are active.
func (c *call) granted(id string) (*registry.Grant, error) {
	g, err := c.Office.Grants.Get(c.ctx(), c.by, id)
	if err == nil && g.Status != registry.Active {
		return nil, refuse("GRANT_INACTIVE", 409, "the grant is %s", g.Status)
	}
	return g, err
}

// G8.
func grantexAllocate(c *call) (any, error) {
	var q struct {
		GrantID       string `json:"grantId"`
		InitialBudget number `json:"initialBudget"`
		Currency      string `json:"currency"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	most, err := amount(q.InitialBudget, cmp.Or(q.Currency, "USD"))
	if err != nil {
		return nil, badRequest("initialBudget", "%v", err)
	}
	g, err := c.granted(q.GrantID)
	if err != nil {
		return nil, err
	}
	b, err := c.Office.Budgets.Allocate(c.ctx(), c.once(), registry.Allocation{Grant: g.ID, Amount: most})
	if codeOf(err) == registry.Exists {
		return nil, refuse(registry.Conflict, 0, "the grant has a budget")
	}
	if err != nil {
		return nil, err
	}
	return budgetView(b), nil
}

// note is what a client says of a debit. It is kept in the one text that the office has for it.
type note struct {
	Description *string         `json:"description"`
	Metadata    json.RawMessage `json:"metadata"`
}

// G8: under an idempotency key a debit counts once.
func grantexDebit(c *call) (any, error) {
	var q struct {
		GrantID     string          `json:"grantId"`
		Amount      number          `json:"amount"`
		Description *string         `json:"description"`
		Metadata    json.RawMessage `json:"metadata"`
	}
	if err := c.decode(&q); err != nil {
		return nil, err
	}
	if len(q.Metadata) == 0 || string(q.Metadata) == "null" {
		q.Metadata = json.RawMessage(`{}`)
	}
	if v, err := credential.ParseValue(string(q.Metadata)); err != nil || !strings.HasPrefix(v.Raw(), "{") {
		return nil, badRequest("metadata", "want an object")
	}
	g, err := c.granted(q.GrantID)
	if err != nil {
		return nil, err
	}
	b, err := c.nearest(g)
	if err != nil {
		return nil, err
	}
	spent, err := amount(q.Amount, b.Allocated.Currency())
	if err != nil {
		return nil, badRequest("amount", "%v", err)
	}
	text, err := json.Marshal(note{q.Description, q.Metadata})
	if err != nil {
		return nil, err
	}
	id := c.transaction(g.ID)
	_, err = c.Office.Budgets.Debit(c.ctx(), c.by, registry.Debit{
		Grant: g.ID, Amount: spent, ID: id, Reason: string(text),
	})
	if codeOf(err) == registry.AmountExceeds {
		return nil, refuse("INSUFFICIENT_BUDGET", 402, "more than the budget has left")
	}
	if err != nil {
		return nil, err
	}
	if b, err = c.Office.Budgets.Balance(c.ctx(), c.by, b.Grant); err != nil {
		return nil, err
	}
	return struct {
		Remaining     string `json:"remaining"`
		TransactionID string `json:"transactionId"`
		GrantID       string `json:"grantId"`
	}{fourPlaces(b.Remaining()), id, g.ID}, nil
}

// nearest returns the budget that a grant draws from: its own, or the next one above it.
func (c *call) nearest(g *registry.Grant) (*registry.Budget, error) {
	for {
		b, err := c.Office.Budgets.Balance(c.ctx(), c.by, g.ID)
		if codeOf(err) != registry.NotFound {
			return b, err
		}
		if g.Parent == "" {
			return nil, refuse("INSUFFICIENT_BUDGET", 402, "the grant has no budget")
		}
		if g, err = c.Office.Grants.Get(c.ctx(), c.by, g.Parent); err != nil {
			return nil, err
		}
	}
}

// transaction is the name of a debit: a new one, or that of the idempotency key.
func (c *call) transaction(grant string) string {
	key := c.r.Header.Get("Idempotency-Key")
	if key == "" {
		return "btx_" + newULID(c.Now())
	}
	var id ulid.ULID
	sum := sha256.Sum256([]byte(c.by.String() + "\x00" + grant + "\x00" + key))
	copy(id[:], sum[:])
	id[0] &= 0x7f
	return "btx_" + id.String()
}

func grantexBalance(c *call) (any, error) {
	b, err := c.Office.Budgets.Balance(c.ctx(), c.by, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return budgetView(b), nil
}

func grantexAllocations(c *call) (any, error) {
	limit, err := c.page()
	if err != nil {
		return nil, err
	}
	page, err := c.Office.Budgets.List(c.ctx(), c.by, registry.BudgetsQuery{Cursor: c.q["cursor"], Limit: limit})
	if err != nil {
		return nil, err
	}
	c.next(page.Next)
	list := []grantexBudget{}
	for _, b := range page.Items {
		list = append(list, budgetView(b))
	}
	return struct {
		Allocations []grantexBudget `json:"allocations"`
	}{list}, nil
}

// grantexTransaction is what was spent at once.
type grantexTransaction struct {
	ID           string          `json:"id"`
	GrantID      string          `json:"grantId"`
	AllocationID string          `json:"allocationId"`
	Amount       string          `json:"amount"`
	Description  *string         `json:"description"`
	Metadata     json.RawMessage `json:"metadata"`
	CreatedAt    string          `json:"createdAt"`
}

// G8: what was debited by hand, and what acts have spent: the newest first. An act whose outcome is known shows what
// it came to; one that was given back is not there.
func grantexTransactions(c *call) (any, error) {
	number, size, err := c.paging()
	if err != nil {
		return nil, err
	}
	if number == 0 {
		number, size = 1, 50
	}
	id := c.r.PathValue("id")
	if _, err := c.Office.Grants.Get(c.ctx(), c.by, id); err != nil {
		return nil, err
	}
	list := []grantexTransaction{}
	at, read := map[string]int{}, 0
	for q := (registry.BudgetQuery{Grant: id, Limit: 200}); ; {
		entries, err := c.Office.Budgets.History(c.ctx(), c.by, q)
		if err != nil {
			return nil, err
		}
		read += len(entries)
		if err := c.counted(read, "entries", "the history of the budget has them"); err != nil {
			return nil, err
		}
		for _, e := range entries {
			q.After = e.Number
			i, known := at[e.ID]
			switch {
			case e.Kind == "debited" || e.Kind == "taken":
				at[e.ID] = len(list)
				list = append(list, transactionOf(id, e))
			case known:
				list[i].Amount = fourPlaces(e.Amount)
				if e.Kind == "given back" {
					list[i].ID = ""
				}
			}
		}
		if len(entries) < q.Limit {
			break
		}
	}
	list = slices.DeleteFunc(list, func(t grantexTransaction) bool { return t.ID == "" })
	slices.Reverse(list)
	return struct {
		Transactions []grantexTransaction `json:"transactions"`
		Total        int                  `json:"total"`
	}{pageOf(list, number, size), len(list)}, nil
}

func transactionOf(grant string, e registry.BudgetEntry) grantexTransaction {
	t := grantexTransaction{
		ID: e.ID, GrantID: grant, AllocationID: budgetID(grant), Amount: fourPlaces(e.Amount),
		Metadata: json.RawMessage(`{}`), CreatedAt: instant(e.At),
	}
	var n note
	if json.Unmarshal([]byte(e.Reason), &n) == nil && len(n.Metadata) > 0 {
		t.Description, t.Metadata = n.Description, n.Metadata
	} else if e.Reason != "" {
		t.Description = &e.Reason
	}
	return t
}
