package peer

import (
	"math/big"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/vectors"
)

// amount is money as the documents have it.
type amount struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Decimals *int   `json:"decimals"`
}

func (a *amount) money() (passport.Money, error) {
	switch {
	case a == nil:
		return passport.Money{}, nil
	case a.Decimals == nil:
		return passport.ParseMoney(a.Amount, a.Currency)
	}
	return passport.ParseAssetMoney(a.Amount, a.Currency, *a.Decimals)
}

func units(m passport.Money) string {
	hi, lo := m.Units()
	n := new(big.Int).SetUint64(hi)
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(lo)).String()
}

func moneyKind(q *question) (vectors.Answer, error) {
	var in struct {
		Op   string
		A, B *amount
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	a, err := in.A.money()
	if err != nil {
		return vectors.Answer{}, err
	}
	if in.Op == "read" {
		return accept(object{"units": units(a)})
	}
	b, err := in.B.money()
	if err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "compare":
		same := a.SameAsset(b)
		out := object{"sameAsset": same}
		if same {
			out["order"] = a.Cmp(b)
		}
		return accept(out)
	case "add":
		sum, ok := a.Add(b)
		if !ok {
			return vectors.Answer{Verdict: "refuse"}, nil
		}
		return accept(object{"units": units(sum)})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}

func timeKind(q *question) (vectors.Answer, error) {
	var in struct {
		Op, Text, From, Until string
		Skew                  int
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "read":
		t, err := datetime.Parse(in.Text)
		if err != nil {
			return vectors.Answer{Verdict: "refuse", Codes: []string{"envelope.malformed"}}, nil
		}
		return accept(object{"unix": t.Unix(), "nanos": t.Nanosecond()})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}

func actionKind(q *question) (vectors.Answer, error) {
	var in struct{ Op, Action, Pattern string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "action":
		return checked(passport.CheckAction(in.Action))
	case "pattern":
		return checked(passport.CheckActionPattern(in.Pattern))
	case "covers":
		return accept(object{"covers": passport.ActionCovers(in.Pattern, in.Action)})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}

// checked answers a question that has no output.
func checked(err error) (vectors.Answer, error) {
	if err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{})
}

func regionKind(q *question) (vectors.Answer, error) {
	var in struct{ Op, Region, Entry string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "region":
		return checked(passport.CheckRegion(in.Region))
	case "covers":
		return accept(object{"covers": passport.RegionCovers(in.Entry, in.Region)})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}

func textKind(q *question) (vectors.Answer, error) {
	var in struct{ Entry, Value string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{"covers": passport.TextCovers(in.Entry, in.Value)})
}

func windowKind(q *question) (vectors.Answer, error) {
	var in struct {
		Op     string
		Window struct {
			Days                 []string
			Start, End, TimeZone string
		}
		Per, TimeZone string
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "contains":
		w := passport.TimeWindow{Days: in.Window.Days, Start: in.Window.Start, End: in.Window.End,
			TimeZone: in.Window.TimeZone}
		return accept(object{"contains": w.Contains(q.now)})
	case "since":
		l := passport.SpendLimit{Per: passport.Period(in.Per), TimeZone: in.TimeZone}
		since, err := l.Since(q.now)
		if err != nil {
			return vectors.Answer{}, err
		}
		if since.IsZero() {
			return accept(object{"since": nil})
		}
		return accept(object{"since": since.UTC().Format(time.RFC3339Nano)})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}
