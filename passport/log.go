package passport

import (
	"log/slog"

	"github.com/safeconduct/safeconduct/internal/code"
)

// LogValue logs the identifiers of a passport: its own, its issuer and its
// agent, and no personal data. [Passport.MarshalJSON] shows more.
func (p Passport) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", code.OneLine(p.ID)),
		slog.String("issuer", p.Issuer.String()), slog.String("agent", p.Agent.String()))
}

// LogValue logs the identifiers of an intent and its action, and not what it
// costs or who is paid.
func (in Intent) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", code.OneLine(in.ID)),
		slog.String("passport", code.OneLine(in.PassportID)), slog.String("action", code.OneLine(in.Action)))
}
