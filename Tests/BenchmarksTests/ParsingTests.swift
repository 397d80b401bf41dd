import BenchmarkResults
import Testing

@Suite struct ParsingTests {
    @Test func residentMemoryIsReadFromTheRollup() {
        let text = """
            55d0c0a00000-7ffd5b7f1000 ---p 00000000 00:00 0                          [rollup]
            Rss:               24912 kB
            Pss:               23001 kB
            Pss_Dirty:         14000 kB
            Shared_Clean:       2204 kB
            Private_Clean:      8000 kB
            Private_Dirty:     14708 kB
            Anonymous:          7168 kB
            AnonHugePages:      2048 kB
            """
        #expect(ProcessFiles.residentKiB(smapsRollup: text) == 24912)
        #expect(ProcessFiles.residentKiB(smapsRollup: "") == nil)
        #expect(ProcessFiles.anonymousKiB(smapsRollup: text) == 7168)
        #expect(ProcessFiles.anonymousKiB(smapsRollup: "") == nil)
    }

    @Test func processorsAreReadFromRangesAndSingleNumbers() {
        let text = "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,5,7-8\nMems_allowed:\t1\n"
        #expect(ProcessFiles.allowedProcessors(status: text) == [0, 1, 2, 5, 7, 8])
        #expect(ProcessFiles.allowedProcessors(status: "") == [])
    }

    @Test func childrenProcessorAndMemoryAreRead() {
        #expect(ProcessFiles.children("12 345 \n") == [12, 345])
        #expect(ProcessFiles.processor(cpuinfo: "processor\t: 0\nmodel name\t: AMD EPYC\n") == "AMD EPYC")
        #expect(ProcessFiles.totalKiB(meminfo: "MemTotal:       24576 kB\nMemFree: 1 kB\n") == 24576)
    }

    @Test func wrkIsReadInWhateverUnitsItChooses() throws {
        let output = try WrkOutput(
            """
            Running 3s test @ http://127.0.0.1:9000/
              1 threads and 64 connections
              Thread Stats   Avg      Stdev     Max   +/- Stdev
                Latency   343.11us  123.45us   4.53ms   89.20%
                Req/Sec    98.10k     4.02k  105.00k    75.00%
              Latency Distribution
                 50%  332.00us
                 75%  375.00us
                 90%    1.20ms
                 99%    1.04s
              293120 requests in 3.01s, 40.26MB read
            Requests/sec:  97382.05
            Transfer/sec:     13.37MB
            """
        )
        #expect(output.requests == 293120)
        #expect(output.rate == 97382.05)
        #expect(output.p50Milliseconds == 0.332)
        #expect(output.p99Milliseconds == 1040)
    }

    @Test(arguments: [
        "  Socket errors: connect 0, read 5, write 0, timeout 0", "  Non-2xx or 3xx responses: 17",
    ])
    func aRateOfErrorsIsNoRate(line: String) {
        let text = "50% 1.00ms\n99% 2.00ms\n10 requests in 3.01s, 1MB read\n\(line)\nRequests/sec: 3.3\n"
        #expect(throws: WrkOutput.Unreadable.self) { try WrkOutput(text) }
    }

    @Test func marksAreToldFromOtherLines() {
        #expect(WrkOutput.mark("sent 20000") == 20000)
        #expect(WrkOutput.mark("unable to connect") == nil)
    }

    @Test func theFloorsUnitsDifferFromHellosInNamesOnly() {
        let unit = "ExecStart=/usr/local/bin/hellod serve\nRuntimeDirectory=hello\nProtectSystem=strict\n"
        #expect(
            FloorUnits.unit(from: unit)
                == "ExecStart=/usr/local/bin/floord serve\nRuntimeDirectory=floor\nProtectSystem=strict\n"
        )
        #expect(FloorUnits.unit(from: "ListenStream=[::1]:8080") == "ListenStream=[::1]:8090")
    }
}
