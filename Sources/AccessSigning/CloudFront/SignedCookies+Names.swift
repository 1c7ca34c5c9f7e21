internal import Bytes

extension SignedCookies {
    private static let prefix: StaticString = "CloudFront-"

    /// Whether a cookie of that name is one of signed access.
    public static func isSigning(name: UnsafeRawBufferPointer) -> Bool { parameter(of: name) != nil }

    static func parameter(of name: UnsafeRawBufferPointer) -> SigningParameters.Name? {
        let count = prefix.utf8CodeUnitCount
        guard name.count > count, ByteSearch.equal(UnsafeRawBufferPointer(rebasing: name[..<count]), prefix) else {
            return nil
        }
        return SigningParameters.Name(UnsafeRawBufferPointer(rebasing: name[count...]))
    }
}
