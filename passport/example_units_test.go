package passport_test

import (
	"fmt"

	"github.com/safeconduct/safeconduct/passport"
)

// A payment API counts in cents, a ledger in the smallest units of a token.
func ExampleMinorUnits() {
	cents, _ := passport.MinorUnits(1250, "USD")
	usdc, _ := passport.MinorUnits(12_500_000, "USDC")
	token, _ := passport.ParseAtomicUnits("12500000", "eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", 6)
	text, _ := passport.ParseMoneyText("12.50 USD")
	fmt.Println(cents, usdc, token.Amount(), cents == text, cents.AtomicUnits())
	// Output: 12.50 USD 12.500000 USDC 12.500000 true 1250
}

// Tools of a server that somebody else runs, as actions below a prefix of one's
// own.
func ExampleActionFromName() {
	for _, tool := range []string{"get_weather", "getWeather", "files/read", "payments.charge"} {
		action, _ := passport.ActionFromName(tool)
		fmt.Println("mcp." + action)
	}
	fmt.Println(passport.ActionCovers("mcp.*", "mcp.get--weather"))
	// Output:
	// mcp.get_weather
	// mcp.get--weather
	// mcp.files--02fread
	// mcp.payments--02echarge
	// true
}
