import Configuration

extension EdgeSettings {
    /// What differs in `wanted` and a reload cannot change.
    func keysThatNeedRestart(for wanted: EdgeSettings) -> [String] {
        var keys = document.differences(from: wanted.document).filter { !EdgeParameters.reloadable.contains($0) }
        // Its source may be the same file with another content.
        if adminToken != wanted.adminToken, !keys.contains("admin.token") { keys.append("admin.token") }
        return keys
    }
}
