package passport_test

import (
	"fmt"
	"log"
	"time"

	"github.com/safeconduct/safeconduct/passport"
)

// Amounts are exact, and of one asset or not comparable.
func ExampleMoney() {
	budget, price := passport.MustMoney("20.00", "USD"), passport.MustMoney("12.50", "USD")
	left, ok := budget.Sub(price)
	fmt.Println(left, ok)
	_, ok = price.Sub(budget) // below zero there is nothing
	fmt.Println(ok)
	twice, ok := price.Add(price)
	fmt.Println(twice, ok, twice.Cmp(budget) > 0)
	fmt.Println(price.Amount(), price.Currency(), price.Decimals(), price.IsZero())

	euro := passport.MustMoney("12.50", "EUR")
	_, ok = price.Add(euro)
	fmt.Println(price.SameAsset(euro), ok)
	// Output:
	// 7.50 USD true
	// false
	// 25.00 USD true true
	// 12.50 USD 2 false
	// false false
}

// A token of a chain has as many decimals as it says.
func ExampleParseAssetMoney() {
	wei, err := passport.ParseAssetMoney("0.000000000000000001", "eip155:1/slip44:60", 18)
	if err != nil {
		log.Fatal(err)
	}
	cents, err := passport.ParseMinorUnits("1250", "USD")
	if err != nil {
		log.Fatal(err)
	}
	_, units := wei.Units() // 128 bits, for stores; in steps of the finest unit that there is
	fmt.Println(wei, units, cents)
	// Output: 0.000000000000000001 eip155:1/slip44:60 1 12.50 USD
}

// Limits are over what a request states. Their names say how they are read.
func ExampleMaxOf() {
	read := passport.Capability{Action: "data.read", Params: []passport.Param{{Name: "max_rows", Kind: passport.ParamMax, Int: 100}}}
	fmt.Println(read, "-", read.Params[0].Attribute(), read.Params[0].Window())
	for _, l := range []passport.Limit{
		passport.MaxOf("rows", 100), passport.RateOf("exports", 24*time.Hour, 3), passport.Allow("pii"),
	} {
		fmt.Println(l.Name, "-", l)
	}
	// Output:
	// data.read (max_rows at most 100) - rows 0s
	// max_rows - max_rows 100
	// exports_per_day - exports_per_day 3
	// allow_pii - allow_pii true
}

// Which capability lets an act through, and whether its currency is granted.
func ExampleAuthority_Under() {
	a := passport.Authority{
		Capabilities:   []passport.Capability{{Action: "data.*"}, {Action: "payments.charge"}},
		MaxTransaction: passport.MustMoney("50.00", "USD"),
	}
	act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("5.00", "EUR")}
	fmt.Println(a.Under(&act), a.Under(&passport.Act{Action: "payments.refund"}), a.Grants(&act))
	// Output: 1 -1 false
}

// When to ask again: the first instant at which every link serves.
func ExampleNextOpening() {
	office := &passport.Authority{TimeWindows: []passport.TimeWindow{
		{Days: []string{"mon", "tue", "wed", "thu", "fri"}, Start: "09:00", End: "17:00", TimeZone: "Europe/Berlin"},
	}}
	saturday := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	fmt.Println(office.TimeWindows[0], office.TimeWindows[0].Contains(saturday))
	fmt.Println(passport.NextOpening([]*passport.Authority{office}, saturday))
	// Output:
	// mon, tue, wed, thu, fri 09:00–17:00 Europe/Berlin false
	// 2026-11-23 09:00:00 +0100 CET
}

// A budget is of a rolling window, or of the calendar of a time zone.
func ExampleSpendLimit() {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	charge := &passport.Act{Action: "payments.charge", Amount: passport.MustMoney("5.00", "USD")}
	for _, l := range []passport.SpendLimit{
		{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay},
		{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay, TimeZone: "Europe/Berlin", Action: "payments.refund"},
	} {
		since, err := l.Since(at)
		fmt.Println(l, "- since", since.UTC().Format(time.RFC3339), err, l.AppliesTo(charge))
	}
	// Output:
	// 100.00 USD per day - since 2026-11-20T09:00:00Z <nil> true
	// 100.00 USD per day in Europe/Berlin for payments.refund - since 2026-11-20T23:00:00Z <nil> false
}

// The rules of names: actions, regions, and texts with a wildcard at the end.
func ExampleTextCovers() {
	fmt.Println(passport.TextCovers("https://api.example/orders/*", "https://api.example/orders/7"))
	fmt.Println(passport.TextCovers("https://api.example/orders/*", "https://api.example/orders/../users"))
	fmt.Println(passport.RegionCovers("DE", "DE-BY"), passport.RegionCovers("DE-BY", "DE"))
	members, err := passport.ExpandRegions("EFTA", "DE")
	fmt.Println(members, err)
	fmt.Println(passport.CheckAction("payments.*"))
	fmt.Println(passport.CheckActionPattern("payments.*"))
	fmt.Println(passport.CheckRegion("Germany"))
	// Output:
	// true
	// false
	// true false
	// [CH DE IS LI NO] <nil>
	// envelope.malformed: in "payments.*" '*' is not the whole last segment of a pattern
	// <nil>
	// envelope.malformed: "Germany" is not an ISO 3166-1 alpha-2 country: want two letters, such as US
}

// Categories of machine payments, as passports and as the directory of services name them.
func ExampleMPPCategoryOf() {
	c := passport.MPPCategories()[0]
	fmt.Println(c.Name, c.Directory, passport.IsMPPCategory(c.Name))
	name, ok := passport.MPPCategoryOf("no such word")
	fmt.Printf("%q %t\n", name, ok)
	// Output:
	// inference ai true
	// "" false
}

// The name of a foreign tool, found again.
func ExampleNameFromAction() {
	action, err := passport.ActionFromName("getWeather")
	if err != nil {
		log.Fatal(err)
	}
	name, err := passport.NameFromAction(action)
	fmt.Println(action, name, err)
	// Output: get--weather getWeather <nil>
}
