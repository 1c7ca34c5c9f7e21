import Configuration
import SegmentStore

// Each section of a validated document that needs neither files nor secrets.

extension EdgeSettings.Fills {
    init(_ values: Configuration) {
        self.init(
            windowBytes: values.integer("windowKibibytes") << 10,
            memoryBytes: values.integer("memoryMebibytes") << 20,
            aheadFills: values.integer("aheadFills"), aheadBytes: values.integer("aheadMebibytes") << 20,
            seconds: values.integer("seconds"), leastBytesPerSecond: values.integer("leastBytesPerSecond"),
            sliceBytes: values.integer("sliceChunks") * StoredObject.chunkBytes,
            wholeBytes: values.integer("wholeMebibytes") << 20,
            staleMilliseconds: values.integer("staleMilliseconds"))
    }
}

extension EdgeSettings.Limits {
    init(_ values: Configuration) {
        self.init(
            headerBytes: values.integer("headerBytes"), targetBytes: values.integer("targetBytes"),
            headerFields: values.integer("headerFields"), bodyBytes: values.integer("bodyMebibytes") << 20,
            bodyBytesPerSecond: values.integer("bodyBytesPerSecond"),
            readerBytesPerSecond: values.integer("readerBytesPerSecond"), ranges: values.integer("ranges"),
            connections: values.integer("connections"),
            connectionsPerAddress: values.integer("connectionsPerAddress"),
            countedClients: values.integer("countedClients"), handshakes: values.integer("handshakes"),
            originConnections: values.integer("originConnections"), originUploads: values.integer("originUploads"))
    }
}

extension EdgeSettings.Timeouts {
    init(_ values: Configuration) {
        self.init(
            handshakeSeconds: values.integer("handshakeSeconds"), headerSeconds: values.integer("headerSeconds"),
            settingsSeconds: values.integer("settingsSeconds"), idleSeconds: values.integer("idleSeconds"),
            bodySeconds: values.integer("bodySeconds"), drainSeconds: values.integer("drainSeconds"))
    }
}

extension EdgeSettings.Upgrade {
    init(_ values: Configuration) {
        self.init(
            readySeconds: values.integer("readySeconds"), drainSeconds: values.integer("drainSeconds"),
            idleSeconds: values.integer("idleSeconds"))
    }
}
