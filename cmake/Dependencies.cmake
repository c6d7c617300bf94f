# The libraries, as imported targets. cmake/install-dependencies.sh installs them on Debian.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson>=1.7.15)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent>=2.1)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl>=3.0)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(CMARK REQUIRED IMPORTED_TARGET libcmark-gfm)
pkg_check_modules(XML2 REQUIRED IMPORTED_TARGET libxml-2.0>=2.9)
pkg_check_modules(GMIME REQUIRED IMPORTED_TARGET gmime-3.0)

# libunistring comes without a .pc file.
find_path(UNISTRING_INCLUDE_DIR unistr.h REQUIRED)
find_library(UNISTRING_LIBRARY unistring REQUIRED)
add_library(prankcurl_unistring INTERFACE)
target_include_directories(prankcurl_unistring INTERFACE "${UNISTRING_INCLUDE_DIR}")
target_link_libraries(prankcurl_unistring INTERFACE "${UNISTRING_LIBRARY}")

# Nor does libcsv.
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
add_library(prankcurl_csv INTERFACE)
target_include_directories(prankcurl_csv INTERFACE "${CSV_INCLUDE_DIR}")
target_link_libraries(prankcurl_csv INTERFACE "${CSV_LIBRARY}")

if(PRANKCURL_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()
