package build

func windows(m *maker) {
	g := m.group("window", "window", "Time windows, and when the windows of spend limits begin.")
	week := []string{"mon", "tue", "wed", "thu", "fri"}
	in := func(rule, title, now string, days []string, start, end, zone string, contains bool) {
		g.rule, g.now = rule, now
		g.is(title, object{"op": "contains", "window": object{"days": days, "start": start, "end": end,
			"timeZone": zone}}, object{"contains": contains})
	}
	sat, daily := []string{"sat"}, []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	const nine = "2026-11-21T09:00:00Z" // a Saturday
	in("F-33", "at the start", nine, sat, "09:00", "10:00", "UTC", true)
	in("F-33", "a second before the start", "2026-11-21T08:59:59Z", sat, "09:00", "10:00", "UTC", false)
	in("F-33", "a second before the end", "2026-11-21T09:59:59Z", sat, "09:00", "10:00", "UTC", true)
	in("F-33", "a part of a second before the end", "2026-11-21T09:59:59.999999999Z", sat, "09:00", "10:00", "UTC",
		true)
	in("F-33", "at the end", "2026-11-21T10:00:00Z", sat, "09:00", "10:00", "UTC", false)
	in("F-33", "another day", "2026-11-22T09:00:00Z", sat, "09:00", "10:00", "UTC", false)
	in("F-33", "a weekday", "2026-11-20T09:00:00Z", week, "09:00", "17:00", "UTC", true)
	in("F-33", "a Saturday is not a weekday", nine, week, "09:00", "17:00", "UTC", false)
	in("F-33", "to the end of the day", "2026-11-21T23:59:59Z", sat, "09:00", "24:00", "UTC", true)
	in("F-33", "not beyond the end of the day", "2026-11-22T00:00:00Z", sat, "09:00", "24:00", "UTC", false)
	in("F-33", "the whole day", "2026-11-21T00:00:00Z", sat, "00:00", "24:00", "UTC", true)
	in("F-33", "the zone decides: in", nine, sat, "10:00", "11:00", "Europe/Berlin", true)
	in("F-33", "the zone decides: out", nine, sat, "09:00", "10:00", "Europe/Berlin", false)
	in("F-33", "the zone decides the day", "2026-11-21T03:00:00Z", []string{"fri"}, "20:00", "23:00",
		"America/New_York", true)
	in("F-33", "half an hour of offset", nine, sat, "14:30", "14:31", "Asia/Kolkata", true)
	in("F-33", "three quarters of an hour", nine, sat, "14:45", "14:46", "Asia/Kathmandu", true)
	in("F-33", "summer", "2026-07-18T08:00:00Z", sat, "10:00", "11:00", "Europe/Berlin", true)
	in("F-33", "winter at the same hour of UTC", "2026-11-21T08:00:00Z", sat, "10:00", "11:00", "Europe/Berlin",
		false)
	in("F-33", "across midnight, at its start", "2026-11-21T22:00:00Z", sat, "22:00", "02:00", "UTC", true)
	in("F-33", "across midnight, before it", "2026-11-21T23:00:00Z", sat, "22:00", "02:00", "UTC", true)
	in("F-33", "across midnight, after it", "2026-11-22T01:59:59Z", sat, "22:00", "02:00", "UTC", true)
	in("F-33", "across midnight, at its end", "2026-11-22T02:00:00Z", sat, "22:00", "02:00", "UTC", false)
	in("F-33", "across midnight, the morning of its own day", "2026-11-21T01:00:00Z", sat, "22:00", "02:00", "UTC",
		false)
	in("F-33", "across midnight, the evening of the next day", "2026-11-22T23:00:00Z", sat, "22:00", "02:00", "UTC",
		false)
	in("F-33", "across the end of the week", "2026-11-22T00:30:00Z", sat, "23:00", "01:00", "UTC", true)
	in("F-33", "from Sunday into Monday", "2026-11-23T00:30:00Z", []string{"sun"}, "23:00", "01:00", "UTC", true)
	in("F-33", "an hour that the clock skips", "2026-03-29T01:30:00Z", []string{"sun"}, "02:00", "03:00",
		"Europe/Berlin", false)
	in("F-33", "behind the hour that the clock skips", "2026-03-29T01:30:00Z", []string{"sun"}, "03:00", "04:00",
		"Europe/Berlin", true)
	in("F-33", "an hour that the clock shows twice: first", "2026-10-25T00:30:00Z", []string{"sun"}, "02:00", "03:00",
		"Europe/Berlin", true)
	in("F-33", "an hour that the clock shows twice: second", "2026-10-25T01:30:00Z", []string{"sun"}, "02:00",
		"03:00", "Europe/Berlin", true)
	in("F-33", "behind both", "2026-10-25T02:00:00Z", []string{"sun"}, "02:00", "03:00", "Europe/Berlin", false)
	in("F-33", "a zone of the south", "2026-01-10T22:00:00Z", []string{"sun"}, "09:00", "10:00", "Australia/Sydney",
		true)
	for _, b := range []struct{ title, start, end, zone string }{
		{"an hour of one digit", "9:00", "10:00", "UTC"}, {"hour 25", "09:00", "25:00", "UTC"}, {"minute 60", "09:60",
			"10:00", "UTC"},
		{"a start of 24:00", "24:00", "10:00", "UTC"}, {"an end of 00:00", "09:00", "00:00", "UTC"}, {"24:01",
			"09:00", "24:01", "UTC"},
		{"start and end are one", "09:00", "09:00", "UTC"}, {"no zone", "09:00", "10:00", ""}, {"the zone Local",
			"09:00", "10:00", "Local"},
		{"an unknown zone", "09:00", "10:00", "Europe/Berlim"}, {"an offset for a zone", "09:00", "10:00", "+01:00"},
		{"seconds", "09:00:00", "10:00:00", "UTC"},
		{"a zone with dots", "09:00", "10:00", "../UTC"}, {"the zone Factory", "09:00", "10:00", "Factory"},
	} {
		in("F-32", b.title+" contains nothing", nine, daily, b.start, b.end, b.zone, false)
	}
	in("F-32", "no days contain nothing", nine, []string{}, "09:00", "10:00", "UTC", false)
	in("F-32", "a day in capitals contains nothing", nine, []string{"Sat"}, "09:00", "10:00", "UTC", false)
	in("F-32", "a day listed twice contains nothing", nine, []string{"sat", "sat"}, "09:00", "10:00", "UTC", false)

	g.rule = "F-35"
	for _, c := range []struct{ title, now, per, zone, since string }{
		{"an hour that rolls", nine, "hour", "", "2026-11-21T08:00:00.000000001Z"},
		{"a day that rolls", nine, "day", "", "2026-11-20T09:00:00.000000001Z"},
		{"a week that rolls", nine, "week", "", "2026-11-14T09:00:00.000000001Z"},
		{"a month that rolls", nine, "month", "", "2026-10-22T09:00:00.000000001Z"},
		{"an hour of the clock", "2026-11-21T09:41:07Z", "hour", "UTC", nine},
		{"an hour of a clock of Kolkata", "2026-11-21T09:41:07Z", "hour", "Asia/Kolkata", "2026-11-21T09:30:00Z"},
		{"a day of the calendar", "2026-11-21T09:41:07Z", "day", "UTC", "2026-11-21T00:00:00Z"},
		{"a day in Berlin", "2026-11-21T23:30:00Z", "day", "Europe/Berlin", "2026-11-21T23:00:00Z"},
		{"a day in New York", "2026-11-21T03:00:00Z", "day", "America/New_York", "2026-11-20T05:00:00Z"},
		{"a week from Monday", "2026-11-22T23:59:59Z", "week", "UTC", "2026-11-16T00:00:00Z"},
		{"a week that begins now", "2026-11-16T00:00:00Z", "week", "UTC", "2026-11-16T00:00:00Z"},
		{"a month of the calendar", "2026-02-28T23:59:59Z", "month", "UTC", "2026-02-01T00:00:00Z"},
		{"a month in Berlin", "2026-11-21T09:00:00Z", "month", "Europe/Berlin", "2026-10-31T23:00:00Z"},
		{"a day of 23 hours", "2026-03-29T12:00:00Z", "day", "Europe/Berlin", "2026-03-28T23:00:00Z"},
		{"a day of 25 hours", "2026-10-25T12:00:00Z", "day", "Europe/Berlin", "2026-10-24T22:00:00Z"},
		{"an hour that is shown twice", "2026-10-25T01:20:00Z", "hour", "Europe/Berlin", "2026-10-25T01:00:00Z"},
		{"midnight shown twice: the first counts", "2026-11-01T05:30:00Z", "day", "America/Havana",
			"2026-11-01T04:00:00Z"},
		{"a midnight that is skipped", "2026-03-08T12:00:00Z", "day", "America/Havana", "2026-03-08T05:00:00Z"},
	} {
		g.now = c.now
		g.is(c.title, object{"op": "since", "per": c.per, "timeZone": c.zone}, object{"since": c.since})
	}
	g.now = nine
	g.is("a lifetime counts every use", object{"op": "since", "per": "lifetime", "timeZone": ""},
		object{"since": nil})
	g.bad("a calendar of no zone", "a day of the calendar", malformed, object{"op": "since", "per": "day",
		"timeZone": "Mars/Olympus"})
}
