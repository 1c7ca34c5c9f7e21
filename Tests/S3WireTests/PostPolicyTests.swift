import S3Wire
import Testing

@Suite struct PostPolicyTests {
    private let text = """
        {"expiration": "2026-11-21T03:00:00.000Z", "conditions": [
          {"bucket": "uploads"}, ["starts-with", "$key", "user/eric/"], ["eq", "$Content-Type", "video/mp4"],
          ["starts-with", "$x-amz-meta-tag", ""], ["content-length-range", 1, 1048576]
        ]}
        """
    private let fields = [
        "key": "user/eric/a.mp4", "content-type": "video/mp4", "x-amz-meta-tag": "anything", "policy": "…",
        "x-amz-signature": "…", "x-ignore-this": "1",
    ]
    private let expiresAt: Int64 = 1_795_230_000

    private func check(_ fields: [String: String], bucket: String = "uploads", secondsBefore: Int64 = 1) throws {
        try PostPolicy(Array(text.utf8)).check(
            fields, bucket: bucket, nowEpochSeconds: expiresAt - secondsBefore)
    }

    @Test func `a form that is what the policy says is allowed until the policy's end`() throws {
        #expect(try PostPolicy(Array(text.utf8)).fileBytes == 1...1_048_576)
        try check(fields)
        #expect(throws: PostPolicy.Violation.expired) { try check(fields, secondsBefore: 0) }
    }

    @Test func `a field that is missing, other than allowed or not named is refused by its name`() {
        for (name, value) in [
            ("key", "user/anna/a.mp4"), ("key", nil), ("content-type", "video/mp4; x"), ("content-type", nil),
            ("x-amz-meta-tag", nil), ("x-amz-meta-more", "1"), ("acl", "public-read"), ("bucket", "media"),
            ("success_action_redirect", "https://evil.example"),
        ] {
            var other = fields
            other[name] = value
            #expect(throws: PostPolicy.Violation.condition(name)) { try check(other) }
        }
        #expect(throws: PostPolicy.Violation.condition("bucket")) { try check(fields, bucket: "media") }
    }

    @Test(arguments: [
        "", "[]", "{\"conditions\": []}", "{\"expiration\": \"soon\", \"conditions\": []}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\"}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\", \"conditions\": [[\"ends-with\", \"$key\", \"x\"]]}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\", \"conditions\": [[\"eq\", \"key\", \"x\"]]}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\", \"conditions\": [{\"key\": 1}]}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\", \"conditions\": [[\"content-length-range\", 9, 1]]}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\", \"conditions\": [[\"content-length-range\", -1, 1]]}",
        "{\"expiration\": \"2026-11-21T03:00:00Z\", \"conditions\": [[\"content-length-range\", 1, 2], "
            + "[\"content-length-range\", 3, 4]]}",
    ])
    func `a policy that could be read in several ways is refused`(_ text: String) {
        #expect(throws: PostPolicy.Violation.self) { try PostPolicy(Array(text.utf8)) }
    }
}
