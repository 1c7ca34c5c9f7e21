public import Configuration
internal import JSON

/// Every key of `transcoder.json`.
public enum TranscoderParameters {
    /// The keys, in the order they are documented.
    public static let all: [Parameter] = [
        .optional("workerId", .text, "Name of this worker in the queue and in logs; made up when absent."),
        .optional(
            "adminListen", .text,
            "Where operators find health and metrics, HOST:PORT; for them alone, it asks for no token. Not served when not set."
        ),
        .section(
            "origin", "Where units of work come from.",
            [
                .required("url", .text, "The origin's address, http://HOST:PORT or https://HOST:PORT."),
                .optional("caFile", .text, "PEM certificates to trust for https instead of the system's."),
                .required(
                    "workerToken", .secret, "What the origin expects of workers, the same as in its own document."),
            ]),
        .section(
            "objects", "The S3 store that uploads are read from and segments are written to.",
            [
                .required("url", .text, "The store's address, http://HOST:PORT or https://HOST:PORT, path style."),
                .optional("caFile", .text, "PEM certificates to trust for https instead of the system's."),
                .optional("region", .text, default: "eu-central-1", "The AWS region that SigV4 signatures name."),
                .required("accessKeyId", .text, "The id of a key that may read uploads and write media."),
                .required("secretAccessKey", .secret, "The key's secret."),
                .optional("mediaBucket", .text, default: "weir-media", "The bucket that segments go to."),
            ]),
        .section(
            "work", "How much is done at a time.",
            [
                .optional(
                    "jobs", .integer(1...256, unit: "units"),
                    "Units of work done side by side at most, each in a process of its own, and processors they keep busy together; as many as there are processors when absent."
                ),
                .optional(
                    "maximumJobs", .integer(1...256, unit: "units"),
                    "With more than `jobs`, the number follows the load: up while work waits and less than 70 % of the machine's processors are busy, down to `jobs` beyond that. `--min` and `--max` say the same on the command line."
                ),
                .optional(
                    "memoryMebibytes", .integer(256...16_777_216, unit: "MiB"),
                    "Memory of all units side by side, as estimated. A unit that needs more than is left waits; those that run use the processors of those that wait. When absent, 286 MiB (300 MB) for each unit of `maximumJobs`, but half of the machine's for a unit that runs alone."
                ),
                .optional(
                    "directory", .text, default: "/var/tmp",
                    "Where an upload lies, as a file without a name, while it is transcoded."),
                .optional(
                    "jail", .choice(["required", "available"]), default: "required",
                    "On a kernel that cannot keep the decoder of an upload from files and network: `required` refuses to start, `available` does without and says so."
                ),
                .optional(
                    "drainSeconds", .integer(0...86_400, unit: "seconds"), default: 10,
                    "How long a stop waits for running units before it gives them back to the queue."),
            ]),
        .section(
            "encoding", "The encoder's choices.",
            [
                .optional(
                    "preset",
                    .choice(["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower"]),
                    default: "veryfast", "x264's speed; slower ones give the same quality with fewer bytes.")
            ]),
        .section(
            "limits", "What one upload, or one unit of its work, may use before it fails.",
            [
                .optional(
                    "uploadMebibytes", .integer(1...1_048_576, unit: "MiB"), default: 65_536, "Size of an upload."),
                .optional("filmSeconds", .integer(1...86_400, unit: "seconds"), default: 43_200, "Length of the film."),
                .optional(
                    "memoryMebibytes", .integer(1024...1_048_576, unit: "MiB"), default: 8192,
                    "Address space of the process that decodes it."),
                .optional(
                    "processorSeconds", .integer(10...2_592_000, unit: "seconds"), default: 172_800,
                    "Processor time of that process, all threads together."),
                .optional(
                    "wallSeconds", .integer(10...2_592_000, unit: "seconds"), default: 86_400,
                    "Most time on the clock for one attempt at a unit; usually it is twenty times what such a unit was measured to take, and five minutes."
                ),
                .optional(
                    "silenceSeconds", .integer(5...3600, unit: "seconds"), default: 300,
                    "Time without any result before the process counts as hung."),
            ]),
        .section(
            "log", "JSON lines on standard error.",
            [
                .optional(
                    "level", .choice(["debug", "info", "warning", "error"]), default: "info",
                    "The least level that is logged.")
            ]),
    ]
}
