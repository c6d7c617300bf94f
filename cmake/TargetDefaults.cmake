# What every target of ours is compiled with; nothing leaks into the targets of others.
function(prankcurl_target_defaults target)
  target_compile_features(${target} PRIVATE c_std_11)
  set_target_properties(${target} PROPERTIES C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L _XOPEN_SOURCE=700)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wformat=2 -Wundef -Wwrite-strings -Wvla -fstack-protector-strong)
  if(PRANKCURL_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(PRANKCURL_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${PRANKCURL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${PRANKCURL_SANITIZE})
  endif()
  if(PRANKCURL_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PRIVATE --coverage)
  endif()
endfunction()
