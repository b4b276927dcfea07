package rdfc

// Spent returns what the last canonicalisation spent of its budget.
func (d *Dataset) Spent() (calls, work int) { return d.run.calls, d.run.work }
