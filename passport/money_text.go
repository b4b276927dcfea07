package passport

import (
	"strconv"
	"strings"
)

// MarshalText writes the amount as [Money.String] does, "50.00 USD", so that it
// survives JSON, logs and configuration files; of an asset that states its
// decimals these stand behind it, "1.50 eip155:1/erc20:0x… 6". No amount is the
// empty text.
func (m Money) MarshalText() ([]byte, error) { return m.AppendText(nil) }

// AppendText implements [encoding.TextAppender]: it appends what [Money.MarshalText]
// returns. It never fails.
func (m Money) AppendText(text []byte) ([]byte, error) {
	if m.IsZero() {
		return text, nil
	}
	text = append(append(m.appendAmount(text), ' '), m.currency...)
	if m.stated {
		text = strconv.AppendInt(append(text, ' '), int64(m.decimals), 10)
	}
	return text, nil
}

// UnmarshalText is [ParseMoneyText], but for the empty text, which is no
// amount. What is refused leaves m as it was.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	read, err := ParseMoneyText(string(text))
	if err == nil {
		*m = read
	}
	return err
}

// ParseMoneyText reads an amount with its asset, "50.00 USD", as
// [Money.MarshalText] writes it: one space between the parts, amounts and
// assets as [ParseMoney] and [ParseAssetMoney] take them.
func ParseMoneyText(text string) (Money, error) {
	if len(text) > 512 {
		return Money{}, invalid("", "an amount of %d bytes, want at most 512", len(text))
	}
	parts := strings.Split(text, " ")
	switch len(parts) {
	case 2:
		return ParseMoney(parts[0], parts[1])
	case 3:
		decimals, err := strconv.Atoi(parts[2])
		if err != nil || strconv.Itoa(decimals) != parts[2] {
			return Money{}, invalid("", "%.40q is not a number of decimals", parts[2])
		}
		return ParseAssetMoney(parts[0], parts[1], decimals)
	default:
		return Money{}, invalid("", "%.80q is not an amount with its asset, such as \"50.00 USD\"", text)
	}
}
