import AccessSigning
import HTTPWire
import Testing

@Suite struct PolicyTests {
    @Test func `the custom text has the order and the bytes of AWS's tools`() {
        let policy = CloudFrontPolicy(
            resource: "https://cdn.example.com/v/42/*", expires: 1_893_456_000, notBefore: 1_700_000_000,
            source: IPNetwork("192.0.2.10"))
        #expect(
            policy.customText
                == #"{"Statement":[{"Resource":"https://cdn.example.com/v/42/*","Condition":{"#
                + #""DateLessThan":{"AWS:EpochTime":1893456000},"IpAddress":{"AWS:SourceIp":"192.0.2.10/32"},"#
                + #""DateGreaterThan":{"AWS:EpochTime":1700000000}}}]}"#)
        #expect(CloudFrontPolicy(parsing: Array(policy.customText.utf8)) == policy)
    }

    @Test(arguments: [
        #"{"Statement":[{"Resource":"http://a/*","Condition":{"DateLessThan":{"AWS:EpochTime":5}}}]}"#,
        #"{"Statement":{"Resource":"http://a/*","Condition":{"DateLessThan":{"AWS:EpochTime":5}}}}"#,
        #" { "Statement" : [ { "Condition" : { "DateLessThan" : { "AWS:EpochTime" : 5 } }, "Resource":"http://a/*" } ] } "#,
    ])
    func `a statement may stand in an array or alone, with any white space and order`(_ text: String) {
        #expect(CloudFrontPolicy(parsing: Array(text.utf8)) == CloudFrontPolicy(resource: "http://a/*", expires: 5))
    }

    @Test(arguments: [
        "", "{}", "[]", "null", #"{"Statement":[]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{}}]}"#,
        #"{"Statement":[{"Resource":"*"}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateGreaterThan":{"AWS:EpochTime":5}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":"5"}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5.5}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":-1}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1893456000000}}}]}"#,
        #"{"Statement":[{"Resource":7,"Condition":{"DateLessThan":{"AWS:EpochTime":5}}}]}"#,
        #"{"Statement":[{"Resource":"","Condition":{"DateLessThan":{"AWS:EpochTime":5}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5},"DateLessThan":{"AWS:EpochTime":9}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5},"Referer":{}}}]}"#,
        #"{"Statement":[{"Resource":"*","Effect":"Allow","Condition":{"DateLessThan":{"AWS:EpochTime":5}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5},"IpAddress":{"AWS:SourceIp":"::1/129"}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5},"IpAddress":{"AWS:SourceIp":["192.0.2.1"]}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5}}},{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9}}}]}"#,
        #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":5}}}]} x"#,
    ])
    func `a policy that is not fully understood is none`(_ text: String) {
        #expect(CloudFrontPolicy(parsing: Array(text.utf8)) == nil)
    }
}
