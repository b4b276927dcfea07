package policy

// KnownCounts returns what the capabilities that APort's catalogue names are known to
// use (P15), under the names by which its flat limits bound them: max_export_rows of
// data.export, msgs_per_day of messaging.send, and so on. An act that a passport limits
// so, and that nobody measures, is then refused instead of being unlimited. A service
// that measures under other names adds them to the map. Each call returns a new one.
func KnownCounts() Counts {
	return Counts{
		"data.export":            {"export_rows", "rows", "records", "exports"},
		"data.export.create":     {"export_rows", "rows", "records", "exports"},
		"data.access":            {"rows"},
		"governance.data.access": {"rows"},
		"data.report.ingest":     {"size", "reports"},

		"messaging.send":         {"msgs", "recipients"},
		"messaging.message.send": {"msgs", "recipients"},

		"payments.charge":        {"charges", "items"},
		"payments.payout":        {"payouts"},
		"payments.refund":        {"refunds"},
		"finance.payment.charge": {"charges", "items"},
		"finance.payment.payout": {"payouts"},
		"finance.payment.refund": {"refunds"},
		"finance.crypto.trade":   {"trades"},
		"inventory.adjust":       {"adjustment"},

		"repo.pr.create":       {"prs", "pr_size_kb", "files_changed", "total_added_lines"},
		"repo.merge":           {"merges", "pr_size_kb"},
		"repo.release":         {"releases"},
		"repo.release.publish": {"releases"},
		"code.release.publish": {"releases"},

		"mcp.tool.execute":       {"calls", "timeout", "parameter_size"},
		"system.command.execute": {"execution_time", "commands"},
		"agent.session.create":   {"sessions", "session_duration"},
		"legal.contract.review":  {"reviews", "document_size"},
	}
}
