"""The rule of the house that keeps what nexusctl needs of Linux in files that have a POSIX twin."""
from rules import rule, starts
from source import code_of, is_cpp, lines_with

# What is linked into nexusctl, as CMakeLists.txt has it. The rest of nexusd may use Linux as it likes.
OF_NEXUSCTL = ("cli/", "daemon/backup/", "daemon/base/", "daemon/model/", "store/") + tuple(
    f"daemon/audit/{name}." for name in ("canonical", "digest", "export", "merkle", "note", "signers", "verify",
                                         "succession"))
LINUX_ALONE = r"""(?x)\b(?:
    O_TMPFILE | O_PATH | O_NOATIME | AT_EMPTY_PATH | RENAME_\w+ | renameat2 | statx | openat2 | copy_file_range
  | sendfile | splice | tee | vmsplice | fallocate | sync_file_range | memfd_create | F_ADD_SEALS | F_OFD_\w+
  | epoll\w* | EPOLL\w* | pipe2 | dup3 | accept4 | ppoll | eventfd\w* | timerfd_\w+ | signalfd\w* | inotify_\w+
  | fanotify_\w+ | io_uring\w* | SOCK_CLOEXEC | SOCK_NONBLOCK | SO_PEERCRED | SO_BINDTODEVICE | SO_ATTACH_\w+
  | SO_BUSY_POLL | SO_INCOMING_CPU | TCP_USER_TIMEOUT | TCP_QUICKACK | TCP_CORK | TCP_DEFER_ACCEPT
  | prctl | PR_SET_\w+ | gettid | tgkill | pthread_[sg]etname_np | pthread_setaffinity_np | sched_setaffinity | unshare
  | setns | syscall | SYS_\w+ | getrandom | getauxval | secure_getenv | malloc_trim | mallinfo2? | CLOCK_BOOTTIME
  | CLOCK_MONOTONIC_\w+ | __linux__ | __gnu_linux__)\b"""
LINUX_PLACES = r'"/(?:proc|sys)/[^"\n]*"|#[ \t]*include[ \t]*<(?:linux/[^>]*|sys/(?:epoll|eventfd|timerfd|signalfd' \
               r'|inotify|fanotify|prctl|sendfile|syscall|random|auxv|sysinfo|vfs)\.h|malloc\.h)>'
TWINS = {"_linux.cpp": "_posix.cpp", "_posix.cpp": "_linux.cpp"}


@rule("nexusctl's Linux stands in files with a POSIX twin",
      {"cli/a.cpp": "// A.\nint f() { return ::open(d, O_TMPFILE | O_RDWR); }\n",
       "cli/b.cpp": '// B.\nauto f() { return read_file("/proc/self/status", 100); }\n',
       "store/c.cpp": "// C.\n#include <sys/epoll.h>\n",
       "daemon/base/d.cpp": "// D.\n#ifdef __linux__\n#endif\n",
       "daemon/audit/export.cpp": "// E.\nvoid f() { getrandom(a, 1, 0); }\n",
       "cli/f_posix.cpp": "// F.\nvoid f() { ::pipe2(ends, 0); }\n",
       "cli/g_linux.cpp": "// G.\nvoid f() { epoll_create1(0); }\n"},
      {"cli/a_linux.cpp": '// A.\nint f() { return ::linkat(A, "/proc/self/fd/3", A, n, O_TMPFILE); }\n',
       "cli/a_posix.cpp": "// A.\nint f() { return -1; }  // O_TMPFILE is not here\n",
       "cli/b.cpp": '// B: no /proc/self, no "quoted" epoll.\nint f() { return say("epoll"); }\n',
       "daemon/http/net/c.cpp": "// C: of nexusd alone.\nint f() { return ::accept4(a, b, c, SOCK_CLOEXEC); }\n",
       "daemon/audit/chain.cpp": "// E: of nexusd alone.\nint f() { return gettid(); }\n"})
def linux_has_twins(files):
    """Whoever ports nexusctl reads the files named _posix.cpp, and no others."""
    for path, text in files.items():
        if not is_cpp(path) or not starts(path, OF_NEXUSCTL):
            continue
        for ending, twin in TWINS.items():
            if path.endswith(ending) and path.removesuffix(ending) + twin not in files:
                yield path, 1, f"has no twin {path.removesuffix(ending)}{twin}"
        if path.endswith("_linux.cpp"):
            continue
        found = lines_with(LINUX_ALONE, code_of(text)) + lines_with(LINUX_PLACES, text)
        for line, hit in found:
            yield path, line, f"{hit.group(0)} is Linux's: write NAME_linux.cpp and its twin NAME_posix.cpp"
