package packs

// digests pin the published packs: of the canonical JSON of data/ID.json.
var digests = map[string]string{
	"agent.session.create.v1":        "sha256:aa473a490f0b0eb4495aace58c7e22b858ae9b9949f7980b667d62338454c635",
	"agent.tool.register.v1":         "sha256:81391ec5cf4dd1591f33fbd83cb61ea86383fc45b35fca9e3951cd88cb834a13",
	"code.release.publish.v1":        "sha256:5ce4946489390e523c85ec8e1557f5ae981233b0f2097c92358f35255d0bea8b",
	"code.repository.merge.v1":       "sha256:f3a51e1be19bc5c8f673cbdde38fc4e51c3e78a7624071454d9e324dc3d1b722",
	"data.export.create.v1":          "sha256:92fcc590e8dfd9f69c79ccafddbd98779069556bfcb386dd64a37202fdc28d20",
	"data.file.read.v1":              "sha256:c933786fb6ffb21747ebce7ee01eab958ed13b92c3b3b13f13ed9f24d432999c",
	"data.file.write.v1":             "sha256:fc6b5824af5ffe97a960794f2e4ad34ee06be5ae2f42134c9eac7ff5271dcf33",
	"data.report.ingest.v1":          "sha256:b7df412d7ef7039d9942645e2dccfb3d18e54179837af00ed0cab75307d92ffd",
	"deliverable.task.complete.v1":   "sha256:de3fe9bf22237eb619c07c0f2d17700c55fc668d3fb13730d9d9b67b370bcfc8",
	"finance.crypto.trade.v1":        "sha256:42e4b102a5d52e7d3d241525cc3c3710fc1d99d90ed6638985674759b3ec680d",
	"finance.payment.charge.v1":      "sha256:51745dd44a8fd941cec0e9f36ce3631712b3ddb2577152c8a0b235e979aa6dda",
	"finance.payment.payout.v1":      "sha256:28b0f0e1d634d058573d872695a013ca30102800d57e2fcf733197665ce3b240",
	"finance.payment.refund.v1":      "sha256:3e7e1310af7d26d6d07f811331037897dc77e45a96ba24dc9577ca31ac1d013b",
	"finance.transaction.execute.v1": "sha256:ee5b047fd84f63312564aa58e5888b55e0f21b6d168d7630a1689a040e37184f",
	"governance.data.access.v1":      "sha256:87c6ef90b7149e4870b1c285e60470124dfda6b5a7e9c20f462e82315315f594",
	"legal.contract.review.v1":       "sha256:c8b2806dd5e6f8bb61b2980ce3d78c27011436c76c3027fcca8e3ec44c4b15f0",
	"mcp.tool.execute.v1":            "sha256:dcca8ba2ebfd5df682159bf80c01445639032289b1d5a717bb2417b977704ca7",
	"messaging.message.send.v1":      "sha256:e3cf003e0d1273ae6d1b4e0b117252e1d6ba2e327e9c5a52b0988d979f897d8c",
	"system.command.execute.v1":      "sha256:9c77b7cf97f7453cd20d58ceced74af81d75e188d35682d156fbf742542a2d76",
	"web.browser.v1":                 "sha256:c8587b6411548e8ba0f674af82cd66a4b189ad116ceeadca5e8343f4612f5f8d",
	"web.fetch.v1":                   "sha256:9b60e6ebb4988810915f1385ed283633aad81f0710b24287cdf8945506fb6436",
}
